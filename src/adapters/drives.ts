import type { DriveSpec } from '../core/drive.js';
import type { DrivePort } from '../core/imaging-ports.js';
import type { Clock, Log } from '../core/ports.js';
import { FolderDrive } from './folder-drive.js';
import { OpticalDrive } from './optical-drive.js';

/** Every kind of drive there is. */
export interface Drives {
  of(kind: DrivePort['kind']): DrivePort;
  /** Watches just these from now on. Hints may be lost, early, or many. */
  watch(specs: readonly DriveSpec[], onHint: () => void): void;
  close(): Promise<void>;
}

export function createDrives(ports: { readonly clock: Clock; readonly log: Log }): Drives {
  const ofKind = { folder: new FolderDrive(ports), optical: new OpticalDrive(ports) };
  const all: readonly DrivePort[] = Object.values(ofKind);
  return {
    of: (kind) => ofKind[kind],
    watch(specs, onHint) {
      for (const drive of all) {
        drive.watch(
          specs.filter(({ source }) => source.kind === drive.kind),
          onHint,
        );
      }
    },
    async close() {
      await Promise.all(all.map((drive) => drive.close()));
    },
  };
}
