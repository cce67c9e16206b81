import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Json, makeIso, program, StationProcess } from './station-process.js';

test('a reload answers when the outcome is known: HTTP, command and signal', async (t) => {
  const station = await StationProcess.start(t);
  const first = await station.get('/-/reload', { method: 'POST' });
  assert.deepEqual([first.status, first.body.outcome, first.body.generation], [200, 'unchanged', 1]);

  await station.configure({ suspend: true });
  const applied = station.cli('reload', '--json');
  assert.equal(applied.status, 0, applied.stderr);
  // the watcher may have been quicker, and then there is nothing left to do
  assert.equal(JSON.parse(applied.stdout).generation, 2);
  assert.equal((await station.get('/api/v1/system/status')).body.suspended, true);

  await station.writeConfig('apiVersion: disk2iso/v1\nstorage: {libary: ./x, state: ./state}\n');
  const refused = station.cli('reload');
  assert.equal(refused.status, 1);
  assert.match(refused.stdout, /config\.yaml:2:11: error: Unknown key "libary"/);
  assert.match(refused.stdout, /did you mean library\?/);
  assert.match(refused.stdout, /The file was refused \(.*\); generation 2 stays in force\./);
  const asked = await station.get('/-/reload', { method: 'POST' });
  assert.deepEqual([asked.status, asked.body.outcome, asked.body.problems[0].line], [422, 'rejected', 2]);

  await station.configure({});
  process.kill(station.pid, 'SIGHUP');
  await station.until(async () => (await station.get('/api/v1/system/status')).body.config.generation === 3);
  assert.equal((await station.get('/-/wake', { method: 'POST' })).status, 204);
  assert.equal(station.cli('wake').status, 0);
});

test('validate tells by its exit status, without a daemon', async (t) => {
  const station = await StationProcess.prepare(t);
  const judge = async (text: string | null, ...options: string[]) => {
    const file = join(station.folder, 'judged.yaml');
    if (text !== null) await writeFile(file, text);
    return station.cli('validate', text === null ? join(station.folder, 'none.yaml') : file, ...options);
  };
  const good =
    'apiVersion: disk2iso/v1\nstorage: {library: ./library, state: ./state}\ndrives: [{name: a, device: /dev/sr0}]\n';
  assert.equal((await judge(good)).status, 0);
  const warned = await judge(`${good}rules: [{name: a}, {name: b}]\n`);
  assert.deepEqual([warned.status, warned.stdout.includes('warning: This rule can never decide')], [3, true]);
  const invalid = await judge(good.replace('device', 'devcie'), '--json');
  assert.deepEqual([invalid.status, JSON.parse(invalid.stdout)[0].severity], [1, 'error']);
  assert.equal((await judge(null)).status, 2);
  const secret = `${good}notifications: {targets: [{name: t, webhook: {url: "https://example.org/x", secret_file: nowhere}}]}\n`;
  assert.deepEqual([(await judge(secret)).status, (await judge(secret, '--no-secrets')).status], [1, 0]);
});

test('a station that finds its file broken starts on its last good configuration, and says so everywhere', async (t) => {
  const station = await StationProcess.start(t);
  await station.stop();
  await station.writeConfig('apiVersion: disk2iso/v1\nstorage: {library: [, state: "./state"\n');
  await station.launch();
  assert.match(station.output, /config\.yaml:\d+:\d+: error/);
  const status = (await station.get('/api/v1/system/status')).body;
  assert.equal(status.status, 'degraded');
  assert.deepEqual([status.config.generation, status.config.last_reload_successful], [1, false]);
  assert.equal(status.config.attempted.generation, 2);
  const stalled = status.conditions.find((one: Json) => one.subject === 'config' && one.type === 'Stalled');
  assert.deepEqual([stalled.status, stalled.reason], [true, 'config_invalid']);
  assert.equal((await station.get('/readyz')).status, 200);
  const [event, ...others] = await station.events('config_rejected');
  assert.equal(others.length, 0);
  // the same in the event, in the API and on the command line
  const told = await station.get('/-/reload', { method: 'POST' });
  assert.deepEqual(event.data.details, told.body.problems);
  assert.deepEqual(JSON.parse(station.cli('validate', station.configFile, '--json').stdout), told.body.problems);
  assert.equal(station.cli('health').status, 1);
  // a command that knows the station by its file alone still finds it
  const byFile = spawnSync(process.execPath, [program, 'status', '--config', station.configFile], { encoding: 'utf8' });
  assert.deepEqual([byFile.status, /file is refused/.test(byFile.stdout)], [0, true], byFile.stderr);
  assert.match((await station.get('/')).text, /The file was refused; the last good configuration stays in force/);
  assert.match((await station.get('/metrics')).text, /disk2iso_config_last_reload_successful 0/);

  // mended, it is as it was: no new generation, no alarm
  await station.configure({});
  const reloaded = await station.get('/-/reload', { method: 'POST' });
  assert.deepEqual([reloaded.status, reloaded.body.generation], [200, 1]);
  assert.equal((await station.get('/api/v1/system/status')).body.status, 'healthy');
});

test('a station that starts on its last good configuration finishes what ran', async (t) => {
  const station = await StationProcess.start(t, { ddrescue: { rate: 1_000_000 } });
  await station.drop(await makeIso(station.folder, 'source.iso', 'HOLIDAY', 4), 'a.iso');
  const job = await station.jobIn('HOLIDAY', 'running');
  await station.kill();
  await station.writeConfig('drives: [');
  await station.setDdrescue({});
  await station.launch({ args: ['--state', join(station.folder, 'state')] });
  assert.equal((await station.jobIn('HOLIDAY', 'completed')).id, job.id);
  assert.equal((await station.get('/api/v1/system/status')).body.config.last_reload_successful, false);
});

test('a library that is the state folder through a link is refused, by validate and at the start', async (t) => {
  const station = await StationProcess.prepare(t);
  await mkdir(join(station.folder, 'disk'));
  await symlink('disk', join(station.folder, 'link'));
  const storage = { library: './link/images', state: './disk', warn_at: '99.8%', stop_at: '99.9%' };
  await station.configure({ storage });
  const judged = station.cli('validate', station.configFile);
  assert.deepEqual([judged.status, /Behind links the library is \S+disk\/images/.test(judged.stdout)], [1, true]);
  const { status, stderr } = station.cli('daemon', '--config', station.configFile);
  assert.deepEqual([status, /config\.yaml:4:\d+: error: Behind links/.test(stderr)], [78, true], stderr);
  await station.configure({ storage: { ...storage, library: './images' } });
  assert.equal(station.cli('validate', station.configFile).status, 0);
});

test('without a last good configuration a broken file ends the start, with every problem', async (t) => {
  const station = await StationProcess.prepare(t);
  await station.writeConfig('apiVersion: disk2iso/v1\nstorage: {libary: ./x, state: ./state}\ncolour: red\n');
  const { status, stderr } = station.cli('daemon', '--config', station.configFile);
  assert.equal(status, 78);
  assert.match(stderr, /libary[\s\S]*colour[\s\S]*say where its state folder is: .* --state FOLDER/);
});

test('a file that is gone is no configuration: the last good one is found by --state, or where it usually is', async (t) => {
  const usual = await StationProcess.start(t);
  await usual.stop();
  await usual.writeConfig('');
  await usual.launch();
  assert.equal((await usual.get('/api/v1/system/status')).body.config.generation, 1);

  const station = await StationProcess.prepare(t);
  const storage = { library: station.library, state: './books', warn_at: '99.8%', stop_at: '99.9%' };
  await station.configure({ storage });
  await station.launch();
  await station.stop();
  await rm(station.configFile);
  await assert.rejects(station.launch(), /ended early/);
  await station.launch({ args: ['--state', join(station.folder, 'books')] });
  const { config, services } = (await station.get('/api/v1/system/status')).body;
  assert.deepEqual([config.generation, services.config], [1, 'config_unreadable']);
});

test('a secret that is missing at the start costs its own target alone; one that goes while it is in use, nothing', async (t) => {
  const targets = ['here', 'gone'].map((name) => {
    return { name, on: ['job_failed'], webhook: { url: 'http://127.0.0.1:9/', secret_file: `${name}.key` } };
  });
  const station = await StationProcess.prepare(t);
  const key = join(station.folder, 'gone.key');
  const configure = (more: Json = {}) => station.configure({ notifications: { targets }, ...more });
  const state = async () => {
    const { config, conditions, services } = (await station.get('/api/v1/system/status')).body;
    const about = conditions.find((one: Json) => one.subject === 'notifications' && one.type === 'Ready');
    return { generation: config.generation, refused: !config.last_reload_successful, about, services };
  };
  await writeFile(join(station.folder, 'here.key'), 'one', { mode: 0o600 });
  await configure();
  assert.equal(station.cli('validate', station.configFile).status, 1);
  await station.launch();
  let now = await state();
  assert.deepEqual([now.generation, now.refused, now.about.reason], [1, false, 'target_failing']);
  assert.match(now.about.message, /^gone: The secret cannot be had\. .*gone\.key.* does not exist/);
  assert.ok(!now.about.message.includes('here.key'));
  assert.match(station.cli('config', 'get', 'notifications.targets[1].webhook').stdout, /secret in gone\.key/);

  // what lacks already keeps no other change from being applied, nor an edit by hand; what lacks anew does
  assert.equal(station.cli('config', 'set', 'suspend', 'true', '--config', station.configFile).status, 0);
  await station.until(async () => (await state()).generation === 2);
  await rm(join(station.folder, 'here.key'));
  await station.until(async () => (await state()).refused);
  await writeFile(join(station.folder, 'here.key'), 'one', { mode: 0o600 });
  await station.until(async () => !(await state()).refused);

  await writeFile(key, 'two', { mode: 0o600 });
  await station.until(async () => (await state()).about.status);
  await rm(key);
  now = await station.until(async () => {
    const found = await state();
    return found.services.config === 'config_invalid' && found;
  });
  assert.deepEqual([now.generation, now.about.status, now.refused], [2, true, true]);

  // and with a broken file as well: the last good one runs, without that target
  await station.stop();
  await station.writeConfig('apiVersion: disk2iso/v1\nstorage: {state: ./state, library: \n');
  await station.launch();
  now = await state();
  assert.deepEqual([now.generation, now.refused, now.about.reason], [2, true, 'target_failing']);
});

test('what is in force, where it comes from, and what it was before; no secret in any of it', async (t) => {
  const station = await StationProcess.prepare(t);
  const secret = 'hunter2-hunter2';
  await writeFile(join(station.folder, 'key'), secret, { mode: 0o600 });
  await mkdir(join(station.folder, 'conf.d'));
  const hook = (query: string) =>
    `notifications: {targets: [{name: t, webhook: {url: "http://127.0.0.1:9/x?${query}", secret_file: key}}]}\n`;
  await writeFile(join(station.folder, 'conf.d', 'hook.yaml'), hook('token-one'));
  await station.configure({ include: 'conf.d' });
  await station.launch();

  const { values } = JSON.parse(station.cli('config', 'get', '--json').stdout);
  const value = (key: string) => values.find((one: Json) => one.key === key);
  assert.deepEqual(value('defaults.eject'), {
    key: 'defaults.eject',
    value: 'on_success',
    origin: { kind: 'default' },
  });
  assert.equal(value('notifications.targets[0].name').origin.file, join(station.folder, 'conf.d', 'hook.yaml'));
  assert.equal(value('notifications.targets[0].webhook.secret').value, '(secret)');
  assert.match(station.cli('config', 'get', 'storage').stdout, /^storage\.library +\S+library +\S+config\.yaml:\d+$/m);
  assert.equal(station.cli('config', 'get', 'colour').status, 1);

  await writeFile(join(station.folder, 'conf.d', 'hook.yaml'), hook('token-two'));
  await station.until(async () => (await station.get('/api/v1/system/status')).body.config.generation === 2);
  // a secret's file is part of the configuration, though not of its hash
  await writeFile(join(station.folder, 'conf.d', 'quiet.yaml'), 'suspend: true\n');
  await station.until(async () => (await station.get('/api/v1/system/status')).body.config.generation === 3);
  const history = station.cli('config', 'history').stdout;
  assert.match(history, /^generation 3 .*, in force$/m);
  assert.match(history, /^\+\+\+ b\/conf\.d\/quiet\.yaml\n@@ -0,0 \+1,1 @@\n\+suspend: true$/m);

  // two files that say different things are told by both places
  await writeFile(join(station.folder, 'conf.d', 'zz.yaml'), 'suspend: false\n');
  const conflict = station.cli('reload');
  assert.equal(conflict.status, 1);
  assert.match(conflict.stdout, /zz\.yaml:1:1: error: .*quiet\.yaml.* line 1 already/);

  await rm(join(station.folder, 'conf.d', 'zz.yaml'));
  await writeFile(join(station.folder, 'key'), '');
  const empty = station.cli('reload');
  assert.match(empty.stdout, /The secret cannot be had\. Its file is empty\./);
  const everything = [history, JSON.stringify(values), station.output, (await station.get('/api/v1/logs')).text].join();
  for (const word of [secret, 'token-one', 'token-two']) assert.ok(!everything.includes(word), word);
});

test('plan says what a file would do and does nothing; explain says which rule decided', async (t) => {
  const rules = [
    { name: 'music', match: { media: 'cd' }, action: 'ignore' },
    { name: 'holidays', match: { label: 'HOLIDAY*' }, path: 'holidays/{label}', eject: 'never' },
    { name: 'unwanted', match: { label: 'ADVERT*' }, action: 'ignore' },
    { name: 'rest' },
  ];
  const station = await StationProcess.start(t, { config: { rules } });
  assert.match(station.cli('explain', 'inbox').stderr, /^disk2iso: No disc is in inbox/);
  const iso = await makeIso(station.folder, 'source.iso', 'HOLIDAY_1', 1);
  await station.drop(iso, 'a.iso');
  const job = await station.jobIn('HOLIDAY_1', 'completed');

  for (const subject of ['HOLIDAY_1', job.id, job.archive_id]) {
    const said = station.cli('explain', subject);
    assert.equal(said.status, 0, said.stderr);
    assert.match(said.stdout, /decided by {2}rule holidays of generation 1; it is comp/);
    assert.match(
      said.stdout,
      /- music: media is image, the rule wants cd\.\n {2}\* holidays: It is the first that fits\./,
    );
    assert.match(said.stdout, /- rest: It would fit, but holidays comes before it\./);
  }
  // discs that made no job: one that is archived already, one that nobody wants
  await station.drop(iso, 'again.iso');
  await station.drop(await makeIso(station.folder, 'advert.iso', 'ADVERT_1', 1, 2), 'advert.iso');
  const inDrive = await station.until(async () => {
    const { stdout } = station.cli('explain', 'inbox');
    return stdout.includes('it is ignored') && stdout.includes('archived already') && stdout;
  });
  assert.match(inDrive, /\(HOLIDAY_1\)\n {2}decided by {2}rule holidays of generation 1; it is archived already/);
  assert.match(inDrive, /\(ADVERT_1\)\n {2}decided by {2}rule unwanted of generation 1; it is ignored/);
  assert.equal(station.cli('explain', 'nobody').status, 1);

  assert.deepEqual([station.cli('plan').status, station.cli('plan').stdout], [0, 'No change.\n']);
  const proposed = join(station.folder, 'proposed.yaml');
  const file = (more: string) =>
    `apiVersion: disk2iso/v1\nstorage: {library: "${station.library}", state: ./state, warn_at: "99.8%", stop_at: "99.9%"}\n` +
    `api: {listen: false, socket: "${station.socket}"}\n${more}`;
  await writeFile(proposed, file('drives: [{name: other, folder: ./other}]\nsuspend: true\n'));
  const changes = station.cli('plan', proposed, '--diff');
  assert.equal(changes.status, 2, changes.stderr);
  assert.match(changes.stdout, /^- Drive inbox \(folder .*inbox\) is no longer watched\.$/m);
  assert.match(changes.stdout, /^\+ Drive other \(folder .*other\) is watched\.$/m);
  assert.match(changes.stdout, /^\+ The station is suspended/m);
  assert.match(changes.stdout, /^- Rule holidays is gone\.$/m);
  assert.match(changes.stdout, /^\+suspend: true$/m);
  await writeFile(proposed, file('drives: [{name: other, foldr: ./other}]\n'));
  const invalid = station.cli('plan', proposed, '--json');
  const { outcome, problems } = JSON.parse(invalid.stdout);
  assert.deepEqual([invalid.status, outcome, problems[0].file], [1, 'invalid', proposed]);
  assert.ok(station.cli('plan', proposed).stdout.startsWith(`${proposed}:4:`));
  await writeFile(proposed, file('include: nowhere\n'));
  const lacking = station.cli('plan', proposed);
  assert.deepEqual([lacking.status, /nowhere" does not exist/.test(lacking.stderr)], [1, true], lacking.stderr);
  await writeFile(proposed, file('').replace('./state', './elsewhere'));
  assert.match(station.cli('plan', proposed).stdout, /storage\.state cannot move/);
  const path = await station.get('/api/v1/system/config/plan', { method: 'POST', body: { path: '/etc/passwd' } });
  assert.equal(path.status, 400);
  const outside = {
    files: [
      { name: 'config.yaml', text: '' },
      { name: '../../etc/x.yaml', text: '' },
    ],
  };
  assert.equal((await station.get('/api/v1/system/config/plan', { method: 'POST', body: outside })).status, 400);
  const { config } = (await station.get('/api/v1/system/status')).body;
  assert.deepEqual([config.generation, config.last_reload_successful], [1, true]);
});

test('config set edits the file, PATCH only says what it would be; suspended, nothing new is begun', async (t) => {
  const station = await StationProcess.start(t, {
    config: { drives: [{ name: 'inbox', folder: './inbox' }], rules: [{ name: 'held' }] },
  });
  const set = (...args: string[]) => station.cli('config', 'set', ...args, '--config', station.configFile);
  const before = await readFile(station.configFile, 'utf8');
  const dry = set('suspend', 'true', '--dry-run');
  assert.deepEqual([dry.status, /^\+.*suspend: true/m.test(dry.stdout)], [0, true], dry.stderr);
  const wrong = set('suspend', 'perhaps');
  assert.equal(wrong.status, 1);
  assert.match(wrong.stdout, /error: .*suspend/);
  const patch = { method: 'PATCH', body: { set: { suspend: true } } };
  const asked = await station.get('/api/v1/system/config', patch);
  assert.deepEqual([asked.body.outcome, asked.body.effects[0].kind], ['changes', 'suspend']);
  assert.match(asked.body.diff, /^--- a\/config\.yaml\n\+\+\+ b\/config\.yaml\n/);
  assert.equal(await readFile(station.configFile, 'utf8'), before);

  // the whole station, one drive, one rule: each holds what is new, and lets it go again
  const generation = async () => (await station.get('/api/v1/system/status')).body.config.generation;
  let now = 1;
  for (const key of ['suspend', 'drives[inbox].suspend', 'rules[held].suspend']) {
    const name = `D${now}`;
    assert.equal(set(key, 'true').status, 0);
    now += 1;
    await station.until(async () => (await generation()) === now);
    await makeIso(station.folder, `${name}.iso`, name, 1, now);
    await station.drop(join(station.folder, `${name}.iso`), `${name}.iso`);
    await station.until(async () => {
      const [device] = (await station.get('/api/v1/devices')).body.devices;
      const [medium] = device.media;
      return medium?.settled && (key !== 'rules[held].suspend' || medium.outcome?.kind === 'job');
    });
    await station.get('/-/reload', { method: 'POST' });
    const states = (await station.jobs()).map((job) => job.status);
    assert.ok(
      states.every((status) => status === 'completed' || status === 'queued'),
      `${key}: ${states}`,
    );
    assert.ok(!(await station.jobs()).some((job) => job.name === name && job.status === 'completed'), key);
    assert.equal(set(key, 'false').status, 0);
    now += 1;
    await station.jobIn(name, 'completed');
  }
});

const listenOn = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const closeServer = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));

const answersOn = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

test('a file that something stands in the way of opens nothing, and is in force by itself once it can be', async (t) => {
  const station = await StationProcess.start(t);
  const config = async () => (await station.get('/api/v1/system/status')).body.config;
  const history = join(station.folder, 'state', 'config');
  const holder = await listenOn(0);
  const port = portOf(holder);
  const wanted = { api: { listen: `127.0.0.1:${port}`, socket: station.socket } };

  // another program has the port
  await station.configure(wanted);
  await station.until(async () => !(await config()).last_reload_successful);
  assert.match(station.cli('reload').stdout, /Another program listens on/);
  assert.match(station.cli('status').stdout, /It is tried again by itself\./);

  // the port is free, but nothing can be written down
  await rename(history, `${history}.away`);
  await writeFile(history, '');
  await closeServer(holder);
  assert.match(station.cli('reload').stdout, /The state folder cannot be written/);
  assert.equal(await answersOn(port), false);
  assert.equal((await config()).generation, 1);

  await rm(history);
  await rename(`${history}.away`, history);
  await station.until(async () => (await config()).generation === 2);
  assert.deepEqual([(await config()).last_reload_successful, await answersOn(port)], [true, true]);
});
