import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { StraysShape } from '../../src/cli/api-shapes.js';
import { archive, archiveId, damagedJob, degraded, devices, job, jobId, nastyLabel, status } from './canned.js';
import { startFakeDaemon } from './fake-daemon.js';
import { runCli, runOnTerminal } from './run-program.js';

const jobs = { jobs: [job, damagedJob], total: 120, limit: 50, offset: 0 };
const none = { jobs: [], total: 0, limit: 50, offset: 0 };
const archives = { archives: [archive], total: 1, limit: 50, offset: 0 };
const answers = {
  'GET /api/v1/system/status': status,
  'GET /api/v1/devices': devices,
  'GET /api/v1/jobs?status=running&limit=50': { ...jobs, jobs: [job] },
  'GET /api/v1/jobs?status=paused&limit=50': none,
  'GET /api/v1/jobs?status=interrupted&limit=50': none,
  'GET /api/v1/jobs?status=queued&limit=50': none,
  'GET /api/v1/jobs': jobs,
  [`GET /api/v1/jobs/${damagedJob.id}`]: damagedJob,
  [`PATCH /api/v1/jobs/${jobId}`]: { ...job, status: 'paused', phase: null, pause_reason: 'user' },
  'GET /api/v1/archives': archives,
  [`GET /api/v1/archives/${archiveId}`]: archive,
  'POST /api/v1/system/catalog/rebuild': { archives: 12, left_out: 0, problems: [] },
};

function assertPlain(text: string): void {
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
}

test('status shows the station, its drives and what is open', async (context) => {
  const { socket } = await startFakeDaemon(context, answers);
  const { stdout, stderr, status: exit } = await runCli(['status'], { socket });
  assert.deepEqual([exit, stderr], [0, '']);
  assertPlain(stdout);
  assert.match(stdout, /^disk2iso {2}0\.1\.0, up 2 h 03 min\nStatus {4}healthy\nLibrary {3}\/srv\/library\n/);
  assert.match(stdout, /^Storage {3}10\.2 % of 1\.0 TB used, 897\.6 GB free \(warning at 85 %, stop at 95 %\)$/m);
  assert.match(stdout, /^System {4}CPU 12\.3 %, memory 478\.2 MB of -, load 0\.5 0\.25 0\.1$/m);
  assert.match(stdout, /^reader {3}busy {4}EVIL�\[2J.* dvd .*4\.7 GB {2}job .*PIONEER BD-RW$/m);
  assert.match(stdout, /^dropbox: The folder may not be read: chmod it\.$/m);
  assert.match(stdout, /^job_\w+ {2}HOLIDAY {2}imaging {2}45 % {2}4\.7 GB {2}2\.4 MB\/s {2}4 min 23 s {2}reader$/m);
});

test('status names every problem, and works with a damaged catalog', async (context) => {
  const { socket } = await startFakeDaemon(context, {
    'GET /api/v1/system/status': degraded,
    'GET /api/v1/devices': { devices: [] },
    'GET /api/v1/jobs': (response) => {
      response.writeHead(503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'catalog_damaged', message: 'Rebuild it.' } }));
    },
  });
  const { stdout, status: exit } = await runCli(['status'], { socket });
  assert.equal(exit, 0);
  assert.match(stdout, /^! notifications: home: Nobody is there\.\n! The configuration file is refused/m);
  assert.match(stdout, /^! {3}config\.yaml:3:5: unknown key “libary”$/m);
  assert.match(stdout, /No drive was found\.\n\nJobs: Rebuild it\.\n$/);
});

test('jobs and archives: lists say what else there is, one is shown in full', async (context) => {
  const { socket, asked } = await startFakeDaemon(context, answers);
  const list = await runCli(['jobs', '--status', 'all', '--limit', '2'], { socket });
  assert.deepEqual([list.status, list.stderr], [0, '1 to 2 of 120; the next with --offset 2\n']);
  assert.equal(asked.at(-1)?.request, 'GET /api/v1/jobs?status=all&sort=created&limit=2&offset=0');
  assertPlain(list.stdout);
  const [titles = '', first = '', second = ''] = list.stdout.split('\n');
  for (const title of ['NAME', 'STATUS', 'DRIVE']) {
    const column = titles.indexOf(title);
    assert.match(first.slice(column - 2, column + 1), /^ {2}\S$/);
    assert.match(second.slice(column - 2, column + 1), /^ {2}\S$/);
  }
  const one = await runCli(['jobs', 'show', damagedJob.id], { socket });
  assert.match(one.stdout, /^Verdict {5}damaged\nUnreadable {2}4\.1 kB\n {12}sectors 20 to 21 \(4\.1 kB\)$/m);
  assertPlain(one.stdout);
  const archiveList = await runCli(['archives'], { socket });
  assert.match(
    archiveList.stdout,
    /^archive_\w+ {2}HOLIDAY\.iso {2}dvd {5}4\.7 GB {2}complete {2}match {5}2025-12-31 12:00:03 {2}-$/m,
  );
  const shown = await runCli(['archives', 'show', archiveId], { socket });
  assert.doesNotMatch(shown.stdout, /^(Pinned|Trash)/m);
  assert.match(shown.stdout, /^md5 {7}d41d8cd98f00b204e9800998ecf8427e$/m);
  assert.match(shown.stdout, /^Verified {2}match, 2025-12-31 12:00:03$/m);
});

test('archives tells what is pinned and what lies in the trash', async (context) => {
  const trashed = { at: '2026-01-01T00:00:00.000Z', purge_at: '2026-01-08T00:00:00.000Z', rule: 'short' };
  const pinned = { ...archive, pinned: true, metadata: { ...archive.metadata, tags: ['spare', 'attic'] } };
  const { socket } = await startFakeDaemon(context, {
    'GET /api/v1/archives': { ...archives, archives: [pinned, { ...archive, trashed }], total: 2 },
    [`GET /api/v1/archives/${archiveId}`]: { ...pinned, trashed },
  });
  const list = await runCli(['archives'], { socket });
  assert.match(list.stdout, / pinned\n.* in the trash until 2026-01-08 00:00:00\n$/);
  const shown = await runCli(['archives', 'show', archiveId], { socket });
  assert.match(shown.stdout, /^Trash {5}since 2026-01-01 00:00:00 by short, until 2026-01-08 00:00:00$/m);
  assert.match(shown.stdout, /^Tags {6}spare, attic$/m);
});

test('archives --strays names the files that belong to no archive', async (context) => {
  const given: { strays: StraysShape } = { strays: { count: 2, paths: ['dvd/notes.txt', `${nastyLabel}.bin`] } };
  const strays = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(given.strays));
  };
  const { socket } = await startFakeDaemon(context, { 'GET /api/v1/system/strays': strays });
  const named = await runCli(['archives', '--strays'], { socket });
  assert.match(named.stdout, /^dvd\/notes\.txt\n.*\.bin\n$/);
  assertPlain(named.stdout);
  assert.deepEqual(JSON.parse((await runCli(['archives', '--strays', '--json'], { socket })).stdout), given.strays);
  const cases: [StraysShape, string][] = [
    [{ count: 1001, paths: ['a'] }, 'The first 1 of 1001.\n'],
    [{ count: 0, paths: [] }, 'Every file in the library belongs to an archive.\n'],
    [{ count: null, paths: [] }, 'The library has not been looked through since the daemon started; ask again.\n'],
  ];
  for (const [answer, remark] of cases) {
    given.strays = answer;
    assert.equal((await runCli(['archives', '--strays'], { socket })).stderr, remark);
  }
});

test('pause, resume and cancel ask just that', async (context) => {
  const { socket, asked } = await startFakeDaemon(context, answers);
  for (const action of ['pause', 'resume', 'cancel']) {
    const { stdout, status: exit } = await runCli(['jobs', action, jobId], { socket });
    assert.deepEqual([exit, stdout], [0, 'HOLIDAY: paused\n']);
    assert.deepEqual(asked.at(-1)?.body, { action });
    assert.equal(asked.at(-1)?.headers['content-type'], 'application/json');
  }
  const wrong = await runCli(['jobs', 'pause', '../../etc'], { socket });
  assert.equal(asked.at(-1)?.request, 'PATCH /api/v1/jobs/..%2F..%2Fetc');
  assert.deepEqual([wrong.status, wrong.stderr], [1, 'disk2iso: There is no such thing.\n']);
});

test('--json gives the daemon’s own answer and nothing else, before or after the command', async (context) => {
  const { socket } = await startFakeDaemon(context, answers);
  const expected: [string[], unknown][] = [
    [['status', '--json'], status],
    [['--json', 'devices'], devices],
    [['jobs', '--json'], jobs],
    [['jobs', 'list', '--json'], jobs],
    [['jobs', 'show', damagedJob.id, '--json'], damagedJob],
    [['archives', '--json'], archives],
    [['archives', 'show', archiveId, '--json'], archive],
    [['health', '--json'], status],
    [['catalog', 'rebuild', '--json'], answers['POST /api/v1/system/catalog/rebuild']],
  ];
  for (const [args, answer] of expected) {
    const { stdout, stderr, status: exit } = await runCli(args, { socket });
    assert.deepEqual([JSON.parse(stdout), stderr, exit], [answer, '', 0], args.join(' '));
    assertPlain(stdout);
  }
  const refused = await runCli(['jobs', 'show', 'job_x', '--json'], { socket });
  assert.deepEqual(JSON.parse(refused.stdout), { error: { code: 'not_found', message: 'There is no such thing.' } });
  assert.deepEqual([refused.stderr, refused.status], ['', 1]);
});

test('health tells by its exit status', async (context) => {
  const well = await startFakeDaemon(context, answers);
  const ill = await startFakeDaemon(context, { 'GET /api/v1/system/status': degraded });
  const first = await runCli(['health'], well);
  assert.deepEqual([first.stdout, first.status], ['healthy\n', 0]);
  const second = await runCli(['health'], ill);
  assert.deepEqual([second.stdout.split('\n')[0], second.status], ['degraded', 1]);
  const third = await runCli(['health'], { socket: '/nonexistent/disk2iso.sock' });
  assert.deepEqual([third.stdout, third.status], ['', 2]);
  assert.match(third.stderr, /not running: nobody listens on \/nonexistent.*Start it with `systemctl start disk2iso`/);
});

test('on a terminal tables fit, colours can be refused, and a label commands nothing', async (context) => {
  const { socket } = await startFakeDaemon(context, answers);
  const { shown, status: exit } = await runOnTerminal(['jobs'], { socket, columns: 90 });
  assert.equal(exit, 0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are looked for
  const colour = /\u001b\[\d+m/g;
  assert.match(shown, colour);
  const lines = shown.replaceAll(colour, '').trimEnd().split('\n');
  assertPlain(lines.join('\n'));
  for (const line of lines) assert.ok(line.length <= 90, line);
  assert.match(lines[2] ?? '', /EVIL.*…/);
  const plain = await runOnTerminal(['jobs'], { socket, columns: 200, environment: { NO_COLOR: '1' } });
  assertPlain(plain.shown);
  assert.ok(plain.shown.includes(nastyLabel.replaceAll(/[\p{C}]/gu, '�')));
});

test('a catalog is rebuilt by the daemon, or here where none runs and the configuration is known', async (context) => {
  const { socket, stop } = await startFakeDaemon(context, answers);
  const online = await runCli(['catalog', 'rebuild'], { socket });
  assert.deepEqual([online.stdout, online.stderr], ['The catalog was rebuilt: 12 archives.\n', '']);
  stop();
  const unknown = await runCli(['catalog', 'rebuild'], { socket });
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /To rebuild without it, name the configuration with --config\.$/m);
  const offline = await runCli(['catalog', 'rebuild', '--socket', socket, '--config', '/etc/x.yaml', '--json']);
  const outcome = { archives: 7, left_out: 0, problems: [] };
  assert.deepEqual([JSON.parse(offline.stdout), offline.stderr], [outcome, 'offline on /etc/x.yaml\n']);
});

test('a rebuild that leaves something out says what, and ends with 1', async (context) => {
  const problems = ['dvd/FILM.iso.json: is no JSON', 'dvd/OTHER.iso: the image is missing'];
  const { socket } = await startFakeDaemon(context, {
    'POST /api/v1/system/catalog/rebuild': { archives: 1, left_out: 1, problems },
  });
  const { stdout, status: exit } = await runCli(['catalog', 'rebuild'], { socket });
  const [first, ...others] = ['The catalog was rebuilt: 1 archive; 1 could not be taken in.', ...problems];
  assert.equal(stdout, [first, ...others.map((one) => `! ${one}`), ''].join('\n'));
  assert.equal(exit, 1);
  assert.equal((await runCli(['catalog', 'rebuild', '--json'], { socket })).status, 1);
});
