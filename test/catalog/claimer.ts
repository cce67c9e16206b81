/**
 * A process that tries to get a library, at the moment it is told, and holds it until told to end. A line of stdin is
 * a try or an end; a line of stdout is what became of it.
 */
import { rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { openCatalog } from '../../src/adapters/level-catalog-open.js';
import { rebuildCatalog } from '../../src/adapters/level-catalog-rebuild.js';
import { createLibrary } from '../../src/adapters/library.js';
import { claimLibrary, releaseLibrary } from '../../src/adapters/library-claim.js';
import { Fault } from '../../src/core/fault.js';
import { realClock } from './station-folders.js';

export interface Try {
  readonly how: 'claim' | 'open' | 'rebuild' | 'reign';
  readonly library: string;
  readonly state: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const say = (text: string): void => void process.stdout.write(`${text}\n`);

let end: () => void = quiet;
const ended = (): Promise<void> => {
  say('won');
  return new Promise((resolve) => {
    end = resolve;
  });
};

/** Holds it for a moment where nobody else may, then lets go, or dies of it. */
async function reign(library: string): Promise<void> {
  const crown = `${library}/crown`;
  await writeFile(crown, '', { flag: 'wx' }).catch(() => say('two at once'));
  await wait(Math.random() * 4);
  await rm(crown);
  if (Math.random() < 0.3) process.kill(process.pid, 'SIGKILL');
  await releaseLibrary(library);
}

async function attempt({ how, library, state }: Try): Promise<void> {
  if (how === 'claim' || how === 'reign') {
    await claimLibrary(library, `of ${process.pid}`);
    if (how === 'reign') return reign(library);
    await ended();
    await releaseLibrary(library);
  } else if (how === 'open') {
    const catalog = await openCatalog({ state, library, clock: realClock, log, outboxFor: () => [] });
    await ended();
    await catalog.close();
  } else {
    const real = createLibrary({ library, log });
    async function* readWork() {
      await ended();
      yield* real.readWork();
    }
    await rebuildCatalog({ state, library: { ...real, readWork }, clock: realClock });
  }
}

say('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'end') {
    end();
    continue;
  }
  const task = JSON.parse(line) as Try;
  while (Date.now() < task.at);
  attempt(task).then(
    () => say('over'),
    (error: unknown) => say(error instanceof Fault ? error.code : String(error)),
  );
}
