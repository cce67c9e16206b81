import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DiscImage, type DiscRecipe, makeDisc } from './disc-image.js';
import type { Drive } from './drive.js';
import { Guest } from './guest.js';
import type { GuestImage } from './guest-image.js';
import { mustRun } from './host-command.js';
import { Machine } from './machine.js';
import { ScriptedDrive } from './scripted-drive.js';

/** What a scenario works with: one machine of its own, thrown away afterwards. */
export class Station {
  readonly machine: Machine;
  /** Where this machine's disk, sockets and logs are. */
  readonly folder: string;
  /** Decides everything random in a scenario; printed, and set again with VM_SEED. */
  readonly seed: number;
  readonly #image: GuestImage;
  #guest: Guest | undefined;
  #boots = 0;
  #randomState: number;

  private constructor(image: GuestImage, folder: string, seed: number) {
    this.#image = image;
    this.folder = folder;
    this.seed = seed;
    this.#randomState = seed;
    this.machine = new Machine(image, join(folder, 'disk.qcow2'), folder);
  }

  /** A station with a fresh disk, switched off. */
  static async createBlank(image: GuestImage): Promise<Station> {
    const station = new Station(image, await mkdtemp(join(tmpdir(), 'vm-')), 0);
    const disk = join(station.folder, 'disk.qcow2');
    await mustRun('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', image.disk, '-F', 'raw', disk]);
    return station;
  }

  /** A station woken from a prepared disk file, in about two seconds: booted, drives empty, clock set. */
  static async wake(image: GuestImage, prepared: string, seed: number): Promise<Station> {
    const station = new Station(image, await mkdtemp(join(tmpdir(), 'vm-')), seed);
    await copyFile(prepared, join(station.folder, 'disk.qcow2'));
    await station.#powerOn('snapshot');
    await station.guest.sh(`date -s @${Math.floor(Date.now() / 1000)}`);
    return station;
  }

  get guest(): Guest {
    if (!this.#guest) throw new Error('the machine is switched off');
    return this.#guest;
  }

  get drives(): readonly [Drive, Drive, Drive, Drive] {
    return this.machine.drives as unknown as readonly [Drive, Drive, Drive, Drive];
  }

  /** Boots from the disk, after a power cut; resolves when ssh answers and the boot is complete. */
  async boot(): Promise<void> {
    await this.#powerOn('disk');
    // Degraded (some unit failed) is for the scenario to judge.
    await this.guest.run('systemctl is-system-running --wait', { timeoutMs: 300_000 });
  }

  async powerCut(): Promise<void> {
    await this.machine.powerCut();
    this.#guest = undefined;
  }

  /** An ordinary shutdown, then power off. */
  async shutDown(): Promise<void> {
    const gone = this.machine.qmp.nextEvent('SHUTDOWN', 90_000);
    await this.guest.run('systemctl poweroff');
    await gone;
    await this.powerCut();
  }

  disc(recipe: DiscRecipe): Promise<DiscImage> {
    return makeDisc(recipe);
  }

  /** Of a file on this machine. */
  async sha256(file: string): Promise<string> {
    return (await mustRun('sha256sum', [file])).slice(0, 64);
  }

  /** A drive of TCMU beside QEMU's own; made at its first mention after each boot. */
  scriptedDrive(name: string): Promise<ScriptedDrive> {
    return ScriptedDrive.plugIn(this.guest, name);
  }

  /** Gives the guest an image to use in a scripted disc's description; gives the path there. */
  async lend(file: string): Promise<string> {
    const path = await this.machine.lend(file);
    await this.guest.waitFor(`lent disk ${path}`, `test -r ${path}`, 20_000);
    return path;
  }

  /** Gives the guest a disk that holds an empty ext4, to be mounted; gives the path there. Gone after a power cut. */
  async attachFilesystem(mebibytes: number): Promise<string> {
    const file = join(this.folder, `ext4-${mebibytes}.img`);
    await mustRun('mke2fs', ['-q', '-F', '-t', 'ext4', file, `${mebibytes}M`]);
    const path = await this.machine.lend(file, true);
    await this.guest.waitFor(`disk ${path}`, `test -b ${path}`, 20_000);
    return path;
  }

  /** A whole number from `low` to `high`, both included, that follows from the seed. */
  random(low: number, high: number): number {
    this.#randomState = (Math.imul(this.#randomState, 1_664_525) + 1_013_904_223) >>> 0;
    return low + Math.floor((this.#randomState / 2 ** 32) * (high - low + 1));
  }

  /** Logs for a person to read: console, journal, rescue maps, SCSI commands. Never throws. */
  async leaveEvidence(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const log of [this.machine.serialLog, this.machine.qemuLog]) {
      await copyFile(log, join(folder, log.slice(this.folder.length + 1))).catch(() => {});
    }
    if (!this.#guest) return;
    const collect = `cd / && journalctl -b all --no-pager -o short-precise > /tmp/journal.txt; dmesg > /tmp/dmesg.txt;
      ps -eo pid,user,stat,wchan:24,etimes,args > /tmp/processes.txt; mkdir -p /tmp/maps; df > /tmp/df.txt; mount > /tmp/mount.txt;
      find /home /srv /var/lib/disk2iso -xdev -name '*map*' -type f -size -1M -exec cp --parents {} /tmp/maps \\; 2>/dev/null;
      find /srv /var/lib/disk2iso -xdev -ls > /tmp/files.txt 2>/dev/null;
      tar c -C / --ignore-failed-read tmp/journal.txt tmp/dmesg.txt tmp/processes.txt tmp/files.txt tmp/df.txt tmp/mount.txt tmp/maps run/vm-drive etc/disk2iso 2>/dev/null | base64`;
    try {
      const { stdout } = await this.#guest.run(collect, { timeoutMs: 60_000 });
      await mustRun('tar', ['x', '-C', folder], { input: Buffer.from(stdout, 'base64') });
    } catch {
      // A guest that no longer answers leaves its console.
    }
  }

  /** Switches off and throws the machine away. */
  async close(): Promise<void> {
    await this.powerCut();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #powerOn(from: 'disk' | 'snapshot'): Promise<void> {
    await this.machine.powerOn(from);
    this.#boots += 1;
    this.#guest = new Guest(this.machine.sshPort, this.#image.sshKey, join(this.folder, `ssh${this.#boots}`));
    await this.#guest.waitForSsh();
  }
}
