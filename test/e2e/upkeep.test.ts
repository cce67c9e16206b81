import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { open, readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { type Json, makeIso, manifestOf, StationProcess } from './station-process.js';

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 0xff;
  await file.write(byte, 0, 1, at);
  await file.close();
}

const condition = async (station: StationProcess, subject: string, type = 'Ready'): Promise<Json> => {
  const { body } = await station.get('/api/v1/system/status');
  return body.conditions.find((one: Json) => one.subject === subject && one.type === type);
};

/** Has it delete by the file of this moment without waiting until that has stood for a while. */
async function approve(station: StationProcess): Promise<void> {
  await station.until(async () => {
    const { generation } = (await station.get('/api/v1/system/status')).body.config;
    return station.cli('approve', String(generation)).status === 0;
  });
}

test('a checksum added to the file is added to the images; one that has rotted gets none', async (t) => {
  const station = await StationProcess.start(t, { config: { defaults: { checksums: ['sha256'] } } });
  await station.drop(await makeIso(station.folder, 'a.iso', 'FIRST', 1, 1), 'a.iso');
  await station.drop(await makeIso(station.folder, 'b.iso', 'SECOND', 1, 2), 'b.iso');
  await station.jobIn('FIRST', 'completed');
  await station.jobIn('SECOND', 'completed');
  const rotten = (await station.archives()).find((one) => one.metadata.label === 'SECOND');
  await flipByte(rotten.path, 700_000);
  await station.configure({ defaults: { checksums: ['sha256', 'sha512'] } });
  const first = await station.until(async () =>
    (await station.archives()).find((one) => one.metadata.label === 'FIRST' && one.checksums.sha512),
  );
  const check = spawnSync('sha512sum', ['-c', `${basename(first.path)}.sha512`], { cwd: dirname(first.path) });
  assert.equal(check.status, 0, String(check.stderr));
  const manifest = await manifestOf(station, 'image/FIRST.iso');
  assert.equal(manifest.checksums.sha512, first.checksums.sha512);
  assert.equal(manifest.care.history.at(-1).result, 'match');

  const [corrupt] = await station.until(async () => {
    const found = await station.events('archive_corrupt');
    return found.length > 0 && found;
  });
  assert.equal(corrupt.archive_id ?? corrupt.data?.archive_id, rotten.id);
  assert.ok(!(await exists(`${rotten.path}.sha512`)));
  await station.until(async () => (await condition(station, 'fixity'))?.reason === 'archives_corrupt');
  const { text } = await station.get('/metrics');
  assert.match(text, /^disk2iso_archives_corrupt 1$/m);

  // Put right, and verified: the condition clears and the checksum comes.
  await flipByte(rotten.path, 700_000);
  assert.equal((await station.get(`/api/v1/archives/${rotten.id}/verify`, { method: 'POST' })).status, 200);
  await station.until(async () => exists(`${rotten.path}.sha512`));
  await station.until(async () => (await condition(station, 'fixity'))?.status === true);
});

test('what is kept no longer goes to the trash, and comes back; the best copy and the pinned stay', async (t) => {
  const twice = { rules: [{ name: 'twice', on_duplicate: 'image' }], defaults: { checksums: ['sha256'] } };
  const station = await StationProcess.start(t, { config: twice });
  const image = await makeIso(station.folder, 'a.iso', 'TWICE', 1);
  for (const number of [1, 2, 3]) {
    await station.drop(image, `a${number}.iso`);
    await station.until(async () => (await station.archives()).length === number);
  }
  const [newest, middle, oldest] = await station.archives();
  assert.equal((await station.get(`/api/v1/archives/${middle.id}/pin`, { method: 'POST' })).body.pinned, true);
  const tags = { metadata: { tags: ['spare'], notes: 'of the attic' } };
  const patched = await station.get(`/api/v1/archives/${middle.id}`, { method: 'PATCH', body: tags });
  assert.deepEqual(patched.body.metadata, { label: 'TWICE', tags: ['spare'], notes: 'of the attic' });
  const stray = join(station.library, 'image', 'stranger.iso');
  await writeFile(stray, 'not ours');

  await station.configure({ ...twice, retention: [{ name: 'one', match: {}, keep_last: 1 }] });
  await approve(station);
  const gone = await station.until(async () => (await station.archives()).find((one) => one.trashed !== null));
  assert.equal(gone.id, oldest.id);
  assert.equal(gone.trashed.rule, 'one');
  for (const ending of ['', '.json', '.sha256']) {
    await station.until(async () => !(await exists(`${oldest.path}${ending}`)));
  }
  assert.ok(await exists(gone.path), 'the image lies in the trash');
  for (const kept of [newest.path, middle.path, stray]) assert.ok(await exists(kept), kept);
  assert.equal((await station.events('archive_trashed')).length, 1);

  // The records say the same after a crash and after a rebuild from the files.
  await station.kill();
  await station.launch();
  assert.equal((await station.get('/api/v1/system/catalog/rebuild', { method: 'POST' })).status < 300, true);
  const rebuilt = await station.until(async () => (await station.archives()).find((one) => one.id === oldest.id));
  assert.equal(rebuilt.trashed?.rule, 'one');
  assert.deepEqual((await station.get(`/api/v1/archives/${middle.id}`)).body.metadata.tags, ['spare']);

  const back = await station.get(`/api/v1/archives/${oldest.id}/restore`, { method: 'POST' });
  assert.equal(back.status, 200, back.text);
  assert.equal(back.body.pinned, true);
  const check = spawnSync('sha256sum', ['-c', `${basename(back.body.path)}.sha256`], { cwd: dirname(back.body.path) });
  assert.equal(check.status, 0, String(check.stderr));
  assert.deepEqual(await readdir(join(station.library, '.disk2iso', 'trash')), []);
  assert.equal((await readFile(stray)).toString(), 'not ours');
  await station.until(async () => station.cli('archives', '--strays').stdout === 'image/stranger.iso\n');
});

test('different discs stay, unless the file says that discs go; then the newest good one stays', async (t) => {
  const station = await StationProcess.start(t);
  for (const number of [1, 2, 3]) {
    await station.drop(await makeIso(station.folder, `n${number}.iso`, `NIGHT_${number}`, 1, number), `n${number}.iso`);
    await station.until(async () => (await station.archives()).length === number);
  }
  const nightly = { name: 'nightly', match: { label: 'NIGHT_*' }, keep_until_free: '100%' };
  /** What would go to the trash, were this the file. */
  const planned = async (retention: object): Promise<string[]> => {
    const file = JSON.parse(await readFile(station.configFile, 'utf8'));
    const proposal = join(station.folder, 'proposal.yaml');
    await writeFile(proposal, JSON.stringify({ ...file, retention: [retention] }));
    const { effects } = JSON.parse(station.cli('plan', '--json', proposal).stdout);
    const deletion = effects.find((one: { kind: string }) => one.kind === 'archive_delete');
    return (deletion?.archives.paths ?? []).map((path: string) => basename(path));
  };
  assert.deepEqual(await planned(nightly), []);
  assert.deepEqual(await planned({ ...nightly, deletes: 'discs' }), ['NIGHT_1.iso', 'NIGHT_2.iso']);
  await station.configure({ retention: [{ ...nightly, deletes: 'discs' }] });
  await approve(station);
  const isTrashed = (one: { trashed: unknown }) => one.trashed !== null;
  await station.until(async () => (await station.archives()).filter(isTrashed).length === 2);
  assert.deepEqual(await planned({ ...nightly, name: 'of nights', deletes: 'discs' }), []);
  const [kept] = (await station.archives()).filter((one) => !isTrashed(one));
  assert.equal(basename(kept.path), 'NIGHT_3.iso');
  assert.ok(await exists(kept.path));
});

test('a file that would delete many waits for approval', async (t) => {
  const twice = { rules: [{ name: 'twice', on_duplicate: 'image' }], defaults: { checksums: ['md5'], verify: false } };
  const station = await StationProcess.start(t, { config: twice });
  const image = await makeIso(station.folder, 'a.iso', 'MANY', 1);
  for (const number of [1, 2, 3]) {
    await station.drop(image, `a${number}.iso`);
    await station.until(async () => (await station.archives()).length === number);
  }
  await station.configure({
    ...twice,
    retention: [{ name: 'one', match: {}, keep_last: 1 }],
    trash: { approve_above: 1 },
  });
  await station.until(async () => (await condition(station, 'retention', 'Stalled'))?.status === true);
  const waits = await condition(station, 'retention');
  assert.match(waits.message, /would delete 2 images: \S*MANY\.iso, \S*MANY_2\.iso\. .*`disk2iso approve 2`/);
  const unchanged = station.cli('plan');
  assert.equal(unchanged.status, 0, unchanged.stderr);
  assert.match(unchanged.stdout, /^No change\.\n! 2 archived images wait .*`disk2iso approve 2`.*\n {4}\S*MANY\.iso\n/);
  const raised = join(station.folder, 'raised.yaml');
  await writeFile(
    raised,
    (await readFile(station.configFile, 'utf8')).replace('"approve_above": 1', '"approve_above": 2'),
  );
  const lets = station.cli('plan', raised);
  assert.equal(lets.status, 2, lets.stderr);
  assert.match(
    lets.stdout,
    /^! 2 archived images are DELETED, once what the file says of deletions has stood for five minutes or `disk2iso approve` allows it\.\n {4}\S*MANY\.iso\n/m,
  );
  const [asked] = await station.events('approval_needed');
  assert.ok(asked !== undefined);
  assert.deepEqual(
    (await station.archives()).map((one) => one.trashed),
    [null, null, null],
  );
  // Another file that wants less: nothing waits any more, and nothing has gone.
  await station.configure(twice);
  await station.until(async () => !(await condition(station, 'retention', 'Stalled'))?.status);
  assert.deepEqual(
    (await station.archives()).map((one) => one.trashed),
    [null, null, null],
  );

  // The same file again, looked at beforehand, then approved by its generation and no other.
  const wanted = {
    ...twice,
    retention: [{ name: 'one', match: {}, keep_last: 1 }],
    trash: { approve_above: 1, keep: '1h' },
  };
  const proposal = join(station.folder, 'proposal.yaml');
  await writeFile(
    proposal,
    (await readFile(station.configFile, 'utf8')).replace(
      /}\s*$/,
      `, "retention": ${JSON.stringify(wanted.retention)}}`,
    ),
  );
  const plan = station.cli('plan', proposal);
  assert.equal(plan.status, 2, plan.stderr);
  assert.match(plan.stdout, /MANY/);
  await station.configure(wanted);
  await station.until(async () => (await condition(station, 'retention', 'Stalled'))?.status === true);
  const { generation } = (await station.get('/api/v1/system/status')).body.config;
  assert.notEqual(station.cli('approve', String(generation + 1)).status, 0);
  const approved = station.cli('approve', String(generation));
  assert.equal(approved.status, 0, approved.stderr);
  await station.until(async () => (await station.archives()).filter((one) => one.trashed !== null).length === 2);
  const [best] = (await station.archives()).filter((one) => one.trashed === null);
  assert.equal(best.filename, 'MANY_3.iso', 'the newest is kept');
  const explained = station.cli('explain', 'many').stdout;
  assert.match(explained, /\(MANY\)\n[\s\S]* retention {3}it stays by one: It is the best image of its disc\.\n/);
  assert.equal(explained.match(/ retention {3}it goes by one: It lies in the trash\.\n/g)?.length, 2);
});

test('images are read again in time; one that rotted or vanished is told, and told once', async (t) => {
  const station = await StationProcess.start(t);
  for (const name of ['FIRST', 'SECOND', 'THIRD']) {
    await station.drop(await makeIso(station.folder, `${name}.iso`, name, 1, name.length), `${name}.iso`);
    await station.jobIn(name, 'completed');
  }
  const of = async (label: string) => (await station.archives()).find((one) => one.metadata.label === label);
  const file = await open((await of('FIRST')).path, 'r+');
  await file.write(Buffer.from([0xff, 0x00, 0xff]), 0, 3, 700_000);
  await file.sync();
  await file.close();
  // Made half a year older by their manifests, from which the catalog is built anew.
  for (const { path } of await station.archives()) {
    const manifest = await readFile(`${path}.json`, 'utf8');
    await writeFile(`${path}.json`, manifest.replaceAll(/"20\d\d-\d\d-\d\dT/g, '"2020-01-01T'));
  }
  assert.equal(station.cli('catalog', 'rebuild').status, 0);
  await unlink((await of('SECOND')).path);
  await station.configure({ fixity: { reverify_every: '90d' } });
  const corrupt = await station.until(async () => {
    const events = await station.events('archive_corrupt');
    return events.length === 2 && events;
  });
  assert.deepEqual(corrupt.map((one) => one.data.reason).sort(), ['mismatch', 'missing']);
  await station.until(async () => (await of('THIRD')).verification?.at > '2026');
  assert.equal((await of('THIRD')).verification.result, 'match');
  assert.equal((await of('FIRST')).verification.result, 'mismatch');
  assert.equal((await station.get('/api/v1/system/status')).body.status, 'degraded');
  assert.match((await station.get('/metrics')).text, /disk2iso_archives_corrupt 2/);
});

test('an image found missing when the catalog is built anew is told', async (t) => {
  const station = await StationProcess.start(t);
  await station.drop(await makeIso(station.folder, 'a.iso', 'LOST', 1), 'a.iso');
  await station.jobIn('LOST', 'completed');
  const [{ id, path }] = (await station.archives()) as [Json];
  await unlink(path);
  assert.equal(station.cli('catalog', 'rebuild').status, 0);
  const [told] = await station.until(async () => {
    const events = await station.events('archive_corrupt');
    return events.length > 0 && events;
  });
  assert.deepEqual([told.data.archive_id, told.data.reason], [id, 'missing']);
  await station.until(async () => (await condition(station, 'fixity'))?.reason === 'archives_corrupt');
});
