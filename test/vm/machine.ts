import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Drive } from './drive.js';
import type { GuestImage } from './guest-image.js';
import { mustRun } from './host-command.js';
import { Qmp } from './qmp.js';
import { until } from './until.js';

const driveCount = 4;
const snapshotTag = 'ready';
/** Of a guest; QEMU itself takes some hundred more. */
export const memoryMebibytes = 1024;
const kernelArguments =
  'root=/dev/vda rw rootflags=noinit_itable console=ttyS0 quiet net.ifnames=0 mitigations=off security=apparmor apparmor=1';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}

const ticksPerSecond = 100;

/** User and system time of a process that is still there (proc(5)); setpriv becomes QEMU, so that it is QEMU's. */
function ticksOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  return (user ?? 0) + (system ?? 0);
}

/** The computer: QEMU, its disk, its drives and its power switch. Software emulation; what it holds is `Guest`'s business. */
export class Machine {
  readonly drives: readonly Drive[] = Array.from({ length: driveCount }, (_, number) => new Drive(number));
  /** The guest's console, of all boots together. */
  readonly serialLog: string;
  readonly qemuLog: string;
  /** The port on 127.0.0.1 that leads to the guest's ssh; another one at each start. */
  sshPort = 0;
  readonly #image: GuestImage;
  readonly #disk: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;
  #qmp: Qmp | undefined;
  #lent = 0;
  #computedTicks = 0;

  /** `disk`: a qcow2 file over the image, written to. `folder`: for sockets and logs, with a short path. */
  constructor(image: GuestImage, disk: string, folder: string) {
    this.#image = image;
    this.#disk = disk;
    this.#folder = folder;
    this.serialLog = join(folder, 'serial.log');
    this.qemuLog = join(folder, 'qemu.log');
  }

  get isOn(): boolean {
    return this.#process !== undefined;
  }

  /** QEMU's control connection, for what no method here does. Throws while the machine is off. */
  get qmp(): Qmp {
    if (!this.#qmp) throw new Error('the machine is switched off');
    return this.#qmp;
  }

  /** What QEMU has computed for this machine since its folder was made, on one processor. */
  get computedSeconds(): number {
    return (this.#computedTicks + ticksOf(this.#process?.pid)) / ticksPerSecond;
  }

  /** Switches on: a boot from the disk, or, with 'snapshot', the moment that saveSnapshot kept. */
  async powerOn(from: 'disk' | 'snapshot'): Promise<void> {
    if (this.#process) throw new Error('the machine is on');
    this.sshPort = await freePort();
    const socket = join(this.#folder, 'qmp.sock');
    const log = openSync(this.qemuLog, 'a');
    const args = [...this.#arguments(socket), ...(from === 'snapshot' ? ['-loadvm', snapshotTag] : [])];
    // Dies with this process, however that ends: a forgotten QEMU would take a core for ever.
    const command = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...args];
    const process = spawn('setpriv', command, { stdio: ['ignore', log, log] });
    this.#process = process;
    process.once('exit', () => {
      if (this.#process === process) this.#process = undefined;
    });
    this.#qmp = await Qmp.connect(socket);
    for (const drive of this.drives) await drive.connect(this.#qmp);
    await this.#qmp.execute('cont');
  }

  /** The plug is pulled: nothing that the guest had not flushed to its disk survives. */
  async powerCut(): Promise<void> {
    const process = this.#process;
    if (!process) return;
    const gone = once(process, 'exit');
    this.#computedTicks += ticksOf(process.pid);
    process.kill('SIGKILL');
    await gone;
    this.#process = undefined;
    this.#qmp?.close();
    this.#qmp = undefined;
    for (const drive of this.drives) await drive.connect(undefined);
  }

  /** Ends QEMU without waiting, for the end of this process. */
  kill(): void {
    this.#process?.kill('SIGKILL');
  }

  /** Keeps this moment, memory included, in the disk file. All drives must be plugged in and empty. */
  async saveSnapshot(): Promise<void> {
    const snapshots = await mustRun('qemu-img', ['snapshot', '-l', '-U', this.#disk]);
    if (snapshots.includes(snapshotTag)) await this.#job('snapshot-delete', { tag: snapshotTag, devices: ['disk'] });
    await this.#job('snapshot-save', { tag: snapshotTag, vmstate: 'disk', devices: ['disk'] });
  }

  /** Gives the guest an image file as a disk, read-only unless said otherwise; gives the device's path in the guest, there within seconds. */
  async lend(file: string, writable = false): Promise<string> {
    this.#lent += 1;
    const node = `lent${this.#lent}`;
    const base = { driver: 'file', filename: file, 'read-only': !writable };
    await this.qmp.execute('blockdev-add', { driver: 'raw', 'node-name': node, 'read-only': !writable, file: base });
    await this.qmp.execute('device_add', {
      driver: 'scsi-hd',
      bus: 'scsi.0',
      'scsi-id': 100 + this.#lent,
      drive: node,
      serial: node,
    });
    return `/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_${node}`;
  }

  async #job(command: string, args: Record<string, unknown>): Promise<void> {
    const id = `${command}-${Date.now()}`;
    await this.qmp.execute(command, { 'job-id': id, ...args });
    const job = await until(command, 60_000, async () => {
      const jobs = (await this.qmp.execute('query-jobs')) as { id: string; status: string; error?: string }[];
      return jobs.find((one) => one.id === id && one.status === 'concluded');
    });
    if (job.error) throw new Error(`${command}: ${job.error}`);
    await this.qmp.execute('job-dismiss', { id });
  }

  #arguments(socket: string): string[] {
    // The same devices at the same places whenever a snapshot is loaded; a drive that was unplugged stays away at a boot.
    const drives = this.drives.filter((drive) => drive.plugged).flatMap((drive) => ['-device', drive.device]);
    return [
      // One processor: scenarios mostly wait, and two machines side by side do more than one with two processors.
      // A plain processor: what newer ones have (AVX, five-level paging) costs an emulation more than it gains.
      ...['-accel', 'tcg', '-cpu', 'Nehalem', '-m', String(memoryMebibytes), '-smp', '1'],
      ...['-nodefaults', '-display', 'none', '-S'],
      ...['-kernel', this.#image.kernel, '-initrd', this.#image.initrd, '-append', kernelArguments],
      ...['-chardev', `file,id=serial,path=${this.serialLog},append=on`, '-serial', 'chardev:serial'],
      ...['-blockdev', `driver=file,filename=${this.#disk},node-name=file,discard=unmap`],
      ...['-blockdev', 'driver=qcow2,file=file,node-name=disk,discard=unmap,detect-zeroes=unmap'],
      ...['-device', 'virtio-blk-pci,drive=disk,romfile=', '-device', 'virtio-rng-pci'],
      ...['-netdev', `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${this.sshPort}-:22`],
      ...['-device', 'virtio-net-pci,netdev=net,romfile=', '-device', 'virtio-scsi-pci,id=scsi'],
      ...drives,
      ...['-qmp', `unix:${socket},server=on,wait=off`],
    ];
  }
}
