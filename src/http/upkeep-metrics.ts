import type { StationView, UpkeepStatus } from '../core/station-ports.js';
import { type GaugeSpec, setKnown } from './gauge-spec.js';

const figures: readonly [name: string, help: string, of: (status: UpkeepStatus) => number | null][] = [
  ['disk2iso_archives_to_hash', 'Archives that lack checksums the file asks for.', ({ toHash }) => toHash],
  ['disk2iso_archives_to_reverify', 'Archives whose reading is overdue.', ({ toReverify }) => toReverify],
  ['disk2iso_archives_to_delete', 'Archives due for the trash.', ({ toDelete }) => toDelete],
  ['disk2iso_archives_corrupt', 'Archives that are damaged or missing.', ({ corrupt }) => corrupt],
  ['disk2iso_archives_trashed', 'Archives in the trash.', ({ trashed }) => trashed],
  ['disk2iso_trash_bytes', 'Bytes of the images in the trash.', ({ trashBytes }) => trashBytes],
  [
    'disk2iso_stray_files',
    'Files in the library that belong to no archive, at the last look.',
    ({ strays }) => strays?.count ?? null,
  ],
  [
    'disk2iso_deletions_waiting_for_approval',
    'Archives whose deletion waits for a person.',
    ({ waiting }) => waiting?.count ?? 0,
  ],
  [
    'disk2iso_last_reading_timestamp_seconds',
    'When the upkeep last finished reading an image, in Unix time.',
    ({ lastReadingAt }) => (lastReadingAt === null ? null : lastReadingAt / 1000),
  ],
];

export const upkeepGauges = (view: StationView): GaugeSpec[] =>
  figures.map(([name, help, of]) => ({ name, help, collect: (gauge) => setKnown(gauge, of(view.upkeep())) }));
