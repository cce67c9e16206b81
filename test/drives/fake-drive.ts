import { spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpticalDrive, type OpticalDriveOptions } from '../../src/adapters/optical-drive.js';
import type { DriveSpec } from '../../src/core/drive.js';
import { clock, recordLog } from './drive-rig.js';

export const dataDvd = ['ID_CDROM_MEDIA=1', 'ID_CDROM_MEDIA_DVD=1', 'ID_CDROM_MEDIA_TRACK_COUNT_DATA=1'];
const drive = ['ID_CDROM=1', 'ID_CDROM_CD=1', 'ID_CDROM_DVD=1'];

/**
 * A machine with optical drives made of files: /sys/block and /dev as the kernel would show them, and small programs
 * in place of cdrom_id, udevadm, eject and sg_raw, which run as real processes.
 */
export interface FakeMachine {
  readonly root: string;
  readonly port: OpticalDrive;
  readonly log: ReturnType<typeof recordLog>;
  readonly spec: DriveSpec;
  path(...parts: string[]): string;
  addDrive(name: string, identity?: { vendor?: string; model?: string; udev?: string[] }): Promise<void>;
  /** Properties are those of the medium alone. */
  insert(name: string, image: Uint8Array, properties?: readonly string[]): Promise<void>;
  remove(name: string): Promise<void>;
  /** How often a program was started. */
  calls(program: string): Promise<string[]>;
  set(file: string, text: string): Promise<void>;
  unset(file: string): Promise<void>;
  end(): Promise<void>;
}

export async function createFakeMachine(options: Partial<OpticalDriveOptions> = {}): Promise<FakeMachine> {
  const root = await mkdtemp(join(tmpdir(), 'optical-drive-'));
  const path = (...parts: string[]): string => join(root, ...parts);
  for (const folder of [
    'sys/block',
    'dev',
    'proc/self',
    'proc/sys/kernel/random',
    'run/udev',
    'bin',
    'state',
    'udev',
  ]) {
    await mkdir(path(folder), { recursive: true });
  }
  await writeFile(path('proc/self/mountinfo'), '21 1 8:1 / / rw - ext4 /dev/sda1 rw\n');
  await writeFile(path('proc/sys/kernel/random/boot_id'), '5f3c1f0e-0000-4000-8000-000000000000\n');
  await writeFile(path('run/udev/control'), '');
  spawnSync('mkfifo', [path('events')]);

  const program = async (name: string, script: string): Promise<void> => {
    const log = `echo "$0 $*" >> ${path('state', `${name}.calls`)}`;
    await writeFile(path('bin', name), `#!/bin/sh\n${log}\n${script}`);
    await chmod(path('bin', name), 0o755);
  };
  await program(
    'cdrom_id',
    `[ -e ${path('hang')} ] && exec /bin/sleep 600
     [ -e ${path('fail')} ] && exit 1
     name=\${1##*/}
     exec /bin/cat ${path('state')}/$name.properties`,
  );
  await program(
    'udevadm',
    `case $1 in
       monitor) [ -e ${path('no-monitor')} ] && exit 1; exec /bin/cat <> ${path('events')} ;;
       info) for last; do :; done; exec /bin/cat ${path('udev')}/\${last##*=} ;;
     esac`,
  );
  await program(
    'eject',
    `for last; do :; done
     name=\${last##*/}
     if [ -e ${path('container')} ]; then echo 'eject: udev: not found mountpoint or device' >&2; exit 1; fi
     if [ -e ${path('busy')} ]; then echo 'eject: unable to eject' >&2; exit 1; fi
     /bin/cp ${path('state')}/$name.empty ${path('state')}/$name.properties
     echo $(( $(/bin/cat ${path('sys/block')}/$name/diskseq) + 1 )) > ${path('sys/block')}/$name/diskseq`,
  );
  await program(
    'sg_raw',
    `case "$*" in *'28 00 00 00 00 10 '*) [ -e ${path('descriptors')} ] && exec /bin/cat ${path('descriptors')} ;; esac
     [ -e ${path('sense')} ] || exit 0; /bin/cat ${path('sense')} >&2; exit 5`,
  );

  const log = recordLog();
  const port = new OpticalDrive({
    clock,
    log,
    sysRoot: path('sys'),
    devRoot: path('dev'),
    procRoot: path('proc'),
    runRoot: path('run'),
    cdromId: path('bin/cdrom_id'),
    deadlineMs: 3000,
    timeoutMs: 6000,
    ...options,
  });
  const pathBefore = process.env.PATH;
  process.env.PATH = path('bin');

  const event = async (name: string): Promise<void> => {
    const handle = await open(path('events'), constants.O_RDWR | constants.O_NONBLOCK);
    await handle.write(`UDEV  [1.5] change   /devices/pci0000:00/ata2/host1/block/${name} (block)\n`);
    await handle.close();
  };
  const nextDisc = async (name: string): Promise<void> => {
    const file = path('sys/block', name, 'diskseq');
    const sequence = await readFile(file, 'utf8').catch(() => null);
    if (sequence !== null) await writeFile(file, `${Number(sequence) + 1}\n`);
  };

  return {
    root,
    port,
    log,
    path,
    spec: { name: 'tray', source: { kind: 'optical', device: path('dev/sr0') }, suspend: false },
    async addDrive(name, identity = {}) {
      const folder = path('sys/block', name);
      await mkdir(join(folder, 'device'), { recursive: true });
      await writeFile(join(folder, 'size'), '2097151\n');
      await writeFile(join(folder, 'diskseq'), '3\n');
      await writeFile(join(folder, 'inflight'), '       0        0\n');
      await writeFile(join(folder, 'device/vendor'), `${identity.vendor ?? 'PIONEER'}\n`);
      await writeFile(join(folder, 'device/model'), `${identity.model ?? 'BD-RW   BDR-209D'}\n`);
      if (identity.udev) await writeFile(path('udev', name), identity.udev.join('\n'));
      await writeFile(path('dev', name), '');
      await writeFile(path('state', `${name}.empty`), `${drive.join('\n')}\n`);
      await writeFile(path('state', `${name}.properties`), `${drive.join('\n')}\n`);
    },
    async insert(name, image, properties = dataDvd) {
      await writeFile(path('dev', name), image);
      await writeFile(path('sys/block', name, 'size'), `${image.length / 512}\n`);
      await writeFile(path('state', `${name}.properties`), `${[...drive, ...properties].join('\n')}\n`);
      await nextDisc(name);
      await event(name);
    },
    async remove(name) {
      await writeFile(path('state', `${name}.properties`), `${drive.join('\n')}\n`);
      await nextDisc(name);
      await event(name);
    },
    async calls(name) {
      const text = await readFile(path('state', `${name}.calls`), 'utf8').catch(() => '');
      return text.split('\n').filter((line) => line !== '');
    },
    set: (file, text) => writeFile(path(file), text),
    unset: (file) => rm(path(file)),
    async end() {
      await port.close();
      process.env.PATH = pathBefore;
      await rm(root, { recursive: true, force: true });
    },
  };
}
