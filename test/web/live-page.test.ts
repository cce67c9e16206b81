import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { until } from '../http/api-client.js';
import type { FakeStation } from '../http/fake-station.js';
import { archiveId, jobId, sampleArchive, sampleJob } from '../http/samples.js';
import { serve } from '../http/serve.js';
import { SseReader } from '../http/sse-reader.js';
import { createBrowser, skipWithoutBrowser } from './browser.js';
import { furnish, hostile } from './furnish.js';

const live = '#live[data-state="live"]';

function measure(station: FakeStation, percent: number, badBytes = 0): void {
  station.measure({
    jobId: jobId(1),
    phase: 'imaging',
    doneBytes: percent,
    totalBytes: 100,
    badBytes,
    readErrors: 0,
    speedBps: 11_200_000,
    etaSeconds: 90,
  });
}

describe('the page in a browser', { skip: skipWithoutBrowser }, () => {
  const browser = createBrowser();
  after(() => browser.close());

  test('shows progress and new images as they come', async (t) => {
    const { station, server } = await serve(t, { refreshMs: 100 });
    await station.records.commit({ jobs: [sampleJob(1, { state: { kind: 'imaging' } })] });
    const { page, complaints } = await browser.open(t, server.address() ?? '');
    await page.waitForSelector(live);
    const percent = page.locator('.percent');
    // keeps measuring, as a job does: figures between two looks may be left out
    let shown = 40;
    const text = async (wanted: string): Promise<void> => {
      await until(async () => {
        measure(station, shown, 4096);
        return (await percent.textContent()) === wanted;
      }, wanted);
    };
    await text('40 %');
    shown = 41;
    await text('41 %');
    assert.equal(await page.locator('progress').evaluate((bar: { value: number }) => bar.value), 41);
    assert.equal(await page.locator('[data-field="speed"]').textContent(), '11.2 MB/s');
    assert.equal(await page.locator('[data-field="eta"]').textContent(), '1 min 30 s');
    assert.equal(await page.locator('.figure.warn [data-field="bad"]').textContent(), '4.1 kB');
    assert.equal(await page.title(), '41 % – disk2iso');

    const state = { kind: 'completed', verdict: { kind: 'complete' }, archiveId: archiveId(1), finishedAt: 1 } as const;
    await station.happen(
      { type: 'job_changed', jobId: jobId(1), name: 'DISC_1', from: 'archiving', to: 'completed', reason: null },
      { jobs: [sampleJob(1, { state })], archives: [sampleArchive(1)] },
    );
    await page.waitForSelector(`#${archiveId(1)} .badge.good`);
    assert.equal(await page.locator('.job.running').count(), 0);
    station.systemReading = { ...station.systemReading, cpuPercent: 99 };
    await page.locator('[data-field="cpu"]', { hasText: '99 %' }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('pauses, resumes and, when sure, cancels', async (t) => {
    const { station, server } = await serve(t);
    await station.records.commit({ jobs: [sampleJob(1, { state: { kind: 'imaging' } })] });
    const { page, complaints } = await browser.open(t, server.address() ?? '');
    await page.waitForSelector(live);
    const stateOf = () => station.records.jobRecords.get(jobId(1))?.state.kind;
    await page.getByRole('button', { name: 'Pause DISC_1' }).click();
    await page.getByRole('button', { name: 'Resume DISC_1' }).click();
    await until(() => stateOf() === 'queued', 'the job to be queued');
    await page.getByRole('button', { name: 'Cancel DISC_1' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Cancel DISC_1' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    assert.equal(stateOf(), 'queued');
    await page.getByRole('button', { name: 'Cancel DISC_1' }).click();
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.waitForSelector('.job.ended');
    assert.equal(stateOf(), 'cancelled');
    assert.deepEqual(complaints, []);
  });

  test('what the station refuses is said', async (t) => {
    const { station, server } = await serve(t);
    await station.records.commit({ jobs: [sampleJob(1)] });
    const { page } = await browser.open(t, server.address() ?? '');
    await page.waitForSelector(live);
    // the job ends behind the page's back
    await station.records.commit({ jobs: [sampleJob(1, { state: { kind: 'cancelled', finishedAt: 1 } })] });
    await page.getByRole('button', { name: 'Pause DISC_1' }).click();
    await page.getByText('cannot be changed so').waitFor();
  });

  test('who has the keyboard keeps it when a section is replaced', async (t) => {
    const { station, server } = await serve(t);
    await station.records.commit({ jobs: [sampleJob(1), sampleJob(2)] });
    const { page } = await browser.open(t, server.address() ?? '');
    await page.waitForSelector(live);
    await page.locator(`#cancel-${jobId(2)}`).focus();
    await station.happen(
      { type: 'job_created', jobId: jobId(3), name: 'DISC_3', device: sampleJob(3).device },
      { jobs: [sampleJob(3)] },
    );
    await page.waitForSelector(`#${jobId(3)}`);
    assert.equal(await page.evaluate('document.activeElement.id'), `cancel-${jobId(2)}`);
  });

  test('says that it is not live, and catches up when the station is back', async (t) => {
    const first = await serve(t);
    const { station, server } = first;
    const port = Number(new URL(server.address() ?? '').port);
    const { page } = await browser.open(t, server.address() ?? '');
    await page.waitForSelector(live);
    await server.stop();
    await page.waitForSelector('#live[data-state="reconnecting"]');
    await station.happen(
      { type: 'job_created', jobId: jobId(1), name: 'DISC_1', device: sampleJob(1).device },
      { jobs: [sampleJob(1)] },
    );
    station.setApi({ listen: { host: '127.0.0.1', port } });
    const second = station.createServer({ graceMs: 50 });
    t.after(() => second.stop());
    await second.start();
    await page.waitForSelector(live);
    await page.waitForSelector(`#${jobId(1)}`);
  });

  test('without JavaScript it reads completely and offers nothing that would not work', async (t) => {
    const { station, server } = await serve(t);
    await furnish(station);
    const { page, complaints } = await browser.open(t, server.address() ?? '', { javaScriptEnabled: false });
    assert.ok(await page.locator('noscript p').isVisible());
    for (const title of ['Drives', 'In work', 'Waiting', 'Ended without an image', 'Latest images']) {
      assert.ok(await page.getByRole('heading', { name: title }).isVisible(), title);
    }
    assert.equal(await page.locator('button:visible').count(), 0);
    const [archive] = await page.getByRole('link', { name: /^Download / }).all();
    assert.match(String(await archive?.getAttribute('href')), /^\/api\/v1\/archives\/archive_/);
    assert.deepEqual(complaints, []);
  });

  test('hostile text does nothing, and fits a phone', async (t) => {
    const { station, server } = await serve(t, { refreshMs: 50 });
    const { page, complaints } = await browser.open(t, server.address() ?? '', {
      viewport: { width: 360, height: 740 },
    });
    for (const name of hostile) {
      await furnish(station, name);
      await page.goto(server.address() ?? '');
      await page.waitForSelector(live);
      assert.equal(await page.title(), 'disk2iso');
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.equal(overflow, 0, `${JSON.stringify(name.slice(0, 20))} is too wide by ${String(overflow)} px`);
    }
    assert.deepEqual(complaints, []);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every text has contrast enough: ${colorScheme}`, async (t) => {
      const { station, server } = await serve(t);
      await furnish(station);
      station.storageReading = { totalBytes: 100, usedBytes: 90, availableBytes: 10 };
      const { page } = await browser.open(t, server.address() ?? '', { colorScheme });
      await page.waitForSelector(live);
      const weak = await page.evaluate(contrastProbe);
      assert.deepEqual(weak, []);
    });
  }

  test('an event stream that is full is tried again until there is room', async (t) => {
    const { server } = await serve(t, { maxClients: 1 });
    const other = await SseReader.open(server);
    await other.next('snapshot');
    const { page } = await browser.open(t, server.address() ?? '');
    await page.waitForSelector('#live[data-state="reconnecting"]');
    other.close();
    await page.waitForSelector(live);
  });
});

/** Runs in the page: WCAG contrast of each element with text of its own against what lies behind it, under 4.5. */
const contrastProbe = `(() => {
  const parse = (color) => color.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (!own || element.closest('noscript, [hidden], .quiet, dialog, progress, svg') !== null) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5 || Number(style.opacity) < 1) weak.push(element.className + ' ' + element.textContent.slice(0, 30) + ' ' + ratio.toFixed(2) + ' opacity ' + style.opacity);
  }
  return weak;
})()`;
