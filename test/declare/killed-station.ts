/** A station that lives through what is done to it, again and again, until it is killed; it says first what is done. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SimStation } from './sim-station.js';

export interface World {
  readonly now: number;
  readonly trays: SimStation['trays'];
}

export type Deed =
  | { readonly kind: 'insert'; readonly drive: string; readonly disc: number }
  | { readonly kind: 'remove'; readonly drive: string }
  | { readonly kind: 'edit'; readonly text: string }
  | { readonly kind: 'clock'; readonly by: number }
  /** Turns of the event loop before the next deed. */
  | { readonly kind: 'turns'; readonly count: number };

export function enter(sim: SimStation, { now, trays }: World): void {
  sim.now = now;
  for (const [name, tray] of Object.entries(trays)) Object.assign(sim.trays[name] ?? {}, tray);
}

async function act(sim: SimStation, deed: Deed): Promise<void> {
  switch (deed.kind) {
    case 'insert':
      // a disc is one thing: it cannot lie in two drives
      for (const [name, tray] of Object.entries(sim.trays)) if (tray.disc === deed.disc) sim.remove(name);
      sim.insert(deed.drive, deed.disc);
      return;
    case 'remove':
      return sim.remove(deed.drive);
    case 'edit':
      await sim.write(deed.text);
      return sim.notice();
    case 'clock':
      sim.now += deed.by;
      return;
    case 'turns':
      for (let turn = 0; turn < deed.count; turn += 1) await nextTurn();
  }
}

const [, program, folder, world, deeds] = process.argv;
if (program === new URL(import.meta.url).pathname && folder !== undefined) {
  const sim = new SimStation(folder);
  enter(sim, JSON.parse(world ?? '') as World);
  await sim.boot();
  for (;;) {
    for (const deed of JSON.parse(deeds ?? '') as Deed[]) {
      await act(sim, deed);
      process.stdout.write(`${JSON.stringify({ now: sim.now, trays: sim.trays })}\n`);
      await sim.pass();
    }
  }
}
