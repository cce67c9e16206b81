import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeletionsSeen, deletionsOf } from '../../src/core/deletion-holds.js';
import type { EffectiveValue } from '../../src/core/effective-value.js';
import type { MailTarget } from '../../src/core/notification.js';
import { type ArchiveEffects, type ArchiveList, waitingDeletions } from '../../src/core/plan-archives.js';
import { type PlanSeen, planEffects } from '../../src/core/plan-effects.js';
import {
  sampleDesired as desired,
  sampleDevice as device,
  sampleInsertion as insertion,
  sampleMedium as medium,
  sampleRetention as retention,
  sampleRule as rule,
  sampleDeletionsSeen,
} from '../core/samples.js';

type Desired = ReturnType<typeof desired>;
interface Case {
  readonly before?: Partial<Desired>;
  readonly after?: Partial<Desired>;
  readonly values?: readonly [Record<string, string | number>, Record<string, string | number>];
  /** Null: the catalog cannot be asked. */
  readonly archives?: readonly [Partial<ArchiveEffects>, Partial<ArchiveEffects>] | null;
  readonly seen?: Partial<PlanSeen> & Partial<DeletionsSeen>;
  /** `+` begins, `-` ends, `~` changes. */
  readonly says: readonly string[];
  readonly waits?: ReturnType<typeof waitingDeletions>;
}

const list = (...paths: string[]): ArchiveList => ({ count: paths.length, first: paths.map((path) => ({ path })) });
const none: ArchiveEffects = { hash: list(), reverify: list(), delete: list() };
const top = { name: 'top', source: { kind: 'optical', device: '/dev/sr0' }, suspend: false } as const;
const inbox = { name: 'inbox', source: { kind: 'folder', folder: '/srv/inbox' }, suspend: false } as const;
const mail: MailTarget = {
  kind: 'email',
  name: 'me',
  on: ['job_failed'],
  to: ['me@example.org'],
  from: 'd@example.org',
  smtp: { host: 'smtp', port: 587, security: 'starttls', user: 'me', password: 'hunter2' },
};
const holidays = rule({
  name: 'holidays',
  match: {
    ...rule({ name: '' }).match,
    label: { glob: 'HOLIDAY*', test: (label) => label.startsWith('HOLIDAY') },
  },
});
const loaded: Partial<PlanSeen> = { devices: [device([medium()])] };

const cases: Readonly<Record<string, Case>> = {
  'the same file: nothing': { says: [] },
  'a drive that is added is watched': {
    after: { drives: [top, inbox] },
    says: ['+ Drive inbox (folder /srv/inbox) is watched.'],
  },
  'a drive that is removed is no longer watched': {
    before: { drives: [top, inbox] },
    says: ['- Drive inbox (folder /srv/inbox) is no longer watched.'],
  },
  'a drive of the same name may be another one': {
    after: { drives: [{ ...top, source: { kind: 'optical', udevId: 'PIONEER_1' } }] },
    says: ['~ Drive top is udev_id PIONEER_1 instead of device /dev/sr0.'],
  },
  'a drive is suspended': {
    after: { drives: [{ ...top, suspend: true }] },
    says: ['+ Drive top is suspended: nothing new is begun there.'],
  },
  'the station is suspended': {
    after: { suspend: true },
    says: ['+ The station is suspended: running jobs finish, nothing new is begun.'],
  },
  'a disc in a drive that is suspended waits': {
    after: { drives: [{ ...top, suspend: true }] },
    seen: { devices: [device([medium({ name: 'HOLIDAY' })])] },
    says: ['+ Drive top is suspended: nothing new is begun there.', '- HOLIDAY in top waits.'],
  },
  'a disc in a drive that is no longer watched is of no concern': {
    after: { drives: [] },
    seen: { ...loaded, insertions: [insertion()] },
    says: ['- Drive top (device /dev/sr0) is no longer watched.'],
  },
  'a drive that is added suspended': {
    after: { drives: [top, { ...inbox, suspend: true }] },
    says: ['+ Drive inbox (folder /srv/inbox) is watched, but suspended.'],
  },
  'the station goes on, and takes the disc that waits in a tray': {
    before: { suspend: true },
    seen: loaded,
    says: ['- The station goes on: what has waited is begun.', '+ A disc in top is looked at and taken.'],
  },
  'a new rule takes a disc that is in a tray; what was decided of this insertion stands': {
    after: { rules: [holidays] },
    seen: { ...loaded, insertions: [insertion()] },
    says: [
      '+ Rule holidays is new.',
      '~ HOLIDAY in top would be taken by rule holidays instead of the defaults; this insertion stays as it was decided.',
    ],
  },
  'a rule that ignores is told as such': {
    before: { rules: [holidays] },
    after: { rules: [{ ...holidays, action: 'ignore' }] },
    seen: { ...loaded, insertions: [insertion()] },
    says: [
      '~ Rule holidays changes: what it does with them.',
      '~ HOLIDAY in top would be taken by rule holidays, which ignores it instead of rule holidays; this insertion stays as it was decided.',
    ],
  },
  'a rule that goes leaves its disc to the next that fits': {
    before: { rules: [holidays, rule({ name: 'rest' })] },
    after: { rules: [rule({ name: 'rest' })] },
    seen: { ...loaded, insertions: [insertion()] },
    says: [
      '- Rule holidays is gone.',
      '~ HOLIDAY in top would be taken by rule rest instead of rule holidays; this insertion stays as it was decided.',
    ],
  },
  'a rule that is suspended': {
    before: { rules: [holidays] },
    after: { rules: [{ ...holidays, suspend: true }] },
    says: ['~ Rule holidays changes: it is suspended.'],
  },
  'rules that change places': {
    before: { rules: [holidays, rule({ name: 'rest' })] },
    after: { rules: [rule({ name: 'rest' }), holidays] },
    says: ['~ Rule rest changes: its place among the rules.', '~ Rule holidays changes: its place among the rules.'],
  },
  'a checksum more for a rule: the images it covers are named': {
    before: { rules: [holidays] },
    after: { rules: [{ ...holidays, settings: { checksums: ['sha512'] } }] },
    archives: [{}, { hash: list('dvd/HOLIDAY.iso') }],
    says: [
      '~ Rule holidays changes: how they are imaged.',
      '+ 1 archived image gets checksums it lacks. [dvd/HOLIDAY.iso]',
    ],
  },
  'what would be deleted is told by name, and what no longer would': {
    archives: [{ delete: list('cd/OLD.iso', 'cd/OLDER.iso') }, { delete: list('cd/OLD.iso', 'dvd/NEW.iso') }],
    says: ['+ 1 archived image is DELETED. [dvd/NEW.iso]', '- 1 archived image is kept. [cd/OLDER.iso]'],
  },
  'more deletions than trash.approve_above wait for a person': {
    before: { trash: { keep: 0, approveAbove: 1 } },
    after: { retention: [retention({ keepLast: 1 })] },
    archives: [{}, { delete: list('a.iso', 'b.iso') }],
    says: [
      '+ 2 archived images are DELETED, once `disk2iso approve` allows it, as trash.approve_above is 1. [a.iso, b.iso]',
    ],
  },
  'what is due but held is told once it would go: the station is suspended no longer': {
    before: { suspend: true },
    archives: [{ delete: list('a.iso') }, { delete: list('a.iso') }],
    says: ['- The station goes on: what has waited is begun.', '+ 1 archived image is DELETED. [a.iso]'],
  },
  'nor is anything DELETED by a file that suspends': {
    after: { suspend: true },
    archives: [{ delete: list('a.iso') }, { delete: list('a.iso', 'b.iso') }],
    says: [
      '+ The station is suspended: running jobs finish, nothing new is begun.',
      '~ 1 archived image is due to be deleted, but nothing is deleted while the station is suspended. [b.iso]',
      '- 1 archived image is kept. [a.iso]',
    ],
  },
  'a refused file that is mended lets go what is due': {
    seen: { refused: true },
    archives: [{ delete: list('a.iso') }, { delete: list('a.iso') }],
    says: ['+ 1 archived image is DELETED. [a.iso]'],
  },
  'what waits for a person goes by a higher limit': {
    before: { trash: { keep: 0, approveAbove: 1 } },
    after: { trash: { keep: 0, approveAbove: 2 } },
    seen: { asked: { counted: deletionsOf(desired()), waiting: { generation: 7, count: 2 } } },
    archives: [{ delete: list('a.iso', 'b.iso') }, { delete: list('a.iso', 'b.iso') }],
    says: [
      '+ 2 archived images are DELETED, once what the file says of deletions has stood for five minutes or `disk2iso approve` allows it. [a.iso, b.iso]',
    ],
  },
  'what waits for a person goes on waiting under the same file, and is told beside it': {
    before: { trash: { keep: 0, approveAbove: 1 } },
    seen: { asked: { counted: deletionsOf(desired()), waiting: { generation: 7, count: 2 } } },
    archives: [{ delete: list('a.iso', 'b.iso') }, { delete: list('a.iso', 'b.iso') }],
    says: [],
    waits: { generation: 7, until: '`disk2iso approve 7` allows it', count: 2, paths: ['a.iso', 'b.iso'] },
  },
  'of more than a person was told it asks anew, whatever the limit is now': {
    before: { trash: { keep: 0, approveAbove: 1 } },
    after: { trash: { keep: 0, approveAbove: 3 } },
    seen: { asked: { counted: deletionsOf(desired()), waiting: { generation: 7, count: 2 } } },
    archives: [{ delete: list('a.iso', 'b.iso', 'c.iso') }, { delete: list('a.iso', 'b.iso', 'c.iso', 'd.iso') }],
    says: ['+ 1 archived image is DELETED, once `disk2iso approve` allows it, as trash.approve_above is 3. [d.iso]'],
    waits: { generation: 9, until: '`disk2iso approve 9` allows it', count: 3, paths: ['a.iso', 'b.iso', 'c.iso'] },
  },
  'of what was asked for so little is left that nobody is needed': {
    before: { trash: { keep: 0, approveAbove: 1 } },
    seen: { asked: { counted: deletionsOf(desired()), waiting: { generation: 7, count: 2 } } },
    archives: [{ delete: list('a.iso') }, { delete: list('a.iso') }],
    says: [],
    waits: {
      generation: 9,
      until: 'what the file says of deletions has stood for five minutes or `disk2iso approve 9` allows it',
      count: 1,
      paths: ['a.iso'],
    },
  },
  'what a changed file says of deletions has to stand before anything goes by it': {
    after: { retention: [retention({ keepLast: 1 })] },
    archives: [{ delete: list('a.iso') }, { delete: list('a.iso', 'b.iso') }],
    says: [
      '+ 2 archived images are DELETED, once what the file says of deletions has stood for five minutes or `disk2iso approve` allows it. [a.iso, b.iso]',
    ],
  },
  'a file that has not stood for long enough goes on waiting': {
    seen: { asked: null, standing: { deletions: deletionsOf(desired()), generation: 8, stoodMs: 60_000 } },
    archives: [{ delete: list('a.iso') }, { delete: list('a.iso', 'b.iso') }],
    says: [
      '+ 1 archived image is DELETED, once what the file says of deletions has stood for five minutes or `disk2iso approve 8` allows it. [b.iso]',
    ],
    waits: {
      generation: 8,
      until: 'what the file says of deletions has stood for five minutes or `disk2iso approve 8` allows it',
      count: 1,
      paths: ['a.iso'],
    },
  },
  'one that has stood lets go what is due': {
    before: { suspend: true },
    seen: { asked: null, standing: { deletions: deletionsOf(desired()), generation: 8, stoodMs: 300_000 } },
    archives: [{ delete: list('a.iso') }, { delete: list('a.iso') }],
    says: ['- The station goes on: what has waited is begun.', '+ 1 archived image is DELETED. [a.iso]'],
  },
  'while the clock shows less than it did nothing goes, by whatever file': {
    seen: { clock: 'behind' },
    archives: [{ delete: list('a.iso') }, { delete: list('a.iso', 'b.iso') }],
    says: [
      '+ 1 archived image is DELETED, once the clock, which shows an earlier time than it should, is put right or has stood for six hours of running. [b.iso]',
    ],
    waits: {
      generation: null,
      until:
        'the clock, which shows an earlier time than it should, is put right or has stood for six hours of running',
      count: 1,
      paths: ['a.iso'],
    },
  },
  'while it shows more, nothing goes by a new file': {
    after: { retention: [retention({ keepLast: 1 })] },
    seen: { clock: 'ahead' },
    archives: [{ delete: list('a.iso') }, { delete: list('a.iso', 'b.iso') }],
    says: [
      '+ 2 archived images are DELETED, once the clock, which shows a later time than it should, is put right or has stood for six hours of running, and what the file says of deletions has stood for five minutes or `disk2iso approve` allows it. [a.iso, b.iso]',
    ],
  },
  'what waits for a person and is taken back is kept': {
    before: { trash: { keep: 0, approveAbove: 1 }, retention: [retention({ keepLast: 1 })] },
    after: { retention: [] },
    seen: {
      asked: {
        counted: deletionsOf(desired({ retention: [retention({ keepLast: 1 })] })),
        waiting: { generation: 7, count: 2 },
      },
    },
    archives: [{ delete: list('a.iso', 'b.iso') }, {}],
    says: ['- 2 archived images are kept. [a.iso, b.iso]'],
  },
  'images that no longer lack a checksum, nor are overdue': {
    archives: [{ hash: list('a.iso'), reverify: list('a.iso', 'b.iso') }, {}],
    says: [
      '- 1 archived image needs no further checksums. [a.iso]',
      '- 2 archived images are not due to be read again yet. [a.iso, b.iso]',
    ],
  },
  'without a catalog nothing is said of images': {
    archives: null,
    after: { suspend: true },
    says: ['+ The station is suspended: running jobs finish, nothing new is begun.'],
  },
  'thousands are counted, though not all are named': {
    archives: [{}, { reverify: { count: 5000, first: [{ path: 'a.iso' }] } }],
    says: ['+ 5000 archived images are due to be read again. [a.iso]'],
  },
  'people come, go and change what they may do': {
    before: {
      users: [
        { name: 'anna', role: 'viewer' },
        { name: 'ben', role: 'admin' },
      ],
    },
    after: {
      users: [
        { name: 'anna', role: 'admin' },
        { name: 'cleo', role: 'viewer' },
      ],
    },
    says: ['- User ben is gone.', '~ User anna changes: as admin.', '+ User cleo is new, as viewer.'],
  },
  'targets come and go; one without its secret is told as such': {
    before: { notifications: [mail] },
    after: {
      notifications: [
        { kind: 'webhook', name: 'home', on: ['job_completed'], url: 'http://127.0.0.1/?hunter2', secret: 'hunter2' },
        { kind: 'lacking', name: 'away', on: ['job_failed'], reason: 'hunter2' },
      ],
    },
    says: [
      '- Target me is gone.',
      '+ Target home is new, by webhook, on job_completed.',
      '+ Target away is new, but it lacks a secret.',
    ],
  },
  'a target whose password alone is new changes, and the password is not told': {
    before: { notifications: [mail] },
    after: { notifications: [{ ...mail, smtp: { ...mail.smtp, password: 'hunter3' } }] },
    says: ['~ Target me changes: by email, on job_failed.'],
  },
  'every other value by its key; drives and rules are told above': {
    values: [
      { 'defaults.eject': 'never', 'storage.warn_at': '90%', 'rules[0].path': 'a' },
      { 'defaults.eject': 'always', 'fixity.reverify_every': '90d', 'rules[0].path': 'b' },
    ],
    says: [
      '~ defaults.eject is "always" instead of "never".',
      '- storage.warn_at is gone; it was "90%".',
      '+ fixity.reverify_every is "90d".',
    ],
  },
};

for (const [
  name,
  { before = {}, after = {}, values = [{}, {}], archives = [{}, {}], seen = {}, says, waits = null },
] of Object.entries(cases)) {
  test(`plan: ${name}`, () => {
    const effective = (given: Record<string, string | number>): EffectiveValue[] =>
      Object.entries(given).map(([key, value]) => ({ key, value, origin: { kind: 'default' } }));
    // what a case does not change is the same on both sides
    const base = desired(before);
    const shared = Object.keys(before).filter((key) => !(key in after) && key !== 'suspend' && key !== 'drives');
    const kept = Object.fromEntries(shared.map((key) => [key, base[key as keyof Desired]]));
    const { devices = [], insertions = [], ...about } = seen;
    const deletions = sampleDeletionsSeen(base, about);
    const world = { devices, insertions, deletions };
    const next = {
      desired: desired({ ...kept, ...after }),
      effective: effective(values[1]),
      archives: archives && { ...none, ...archives[1] },
    };
    const current = {
      desired: base,
      effective: effective(values[0]),
      archives: archives && { ...none, ...archives[0] },
    };
    const effects = planEffects(current, next, world);
    assert.deepEqual(waitingDeletions(current, next, deletions, 9), waits);
    const marks = { begin: '+', end: '-', change: '~' };
    const lines = effects.map(({ change, message, archives: named }) => {
      return `${marks[change]} ${message}${named === null ? '' : ` [${named.paths.join(', ')}]`}`;
    });
    assert.deepEqual(lines, says);
    assert.doesNotMatch(JSON.stringify(effects), /hunter/);
  });
}
