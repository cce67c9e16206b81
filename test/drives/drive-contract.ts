import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sameDisc } from '../../src/core/disc.js';
import type { DriveSpec } from '../../src/core/drive.js';
import { Fault } from '../../src/core/fault.js';
import type { DrivePort } from '../../src/core/imaging-ports.js';
import { eventually, identified, noStop, observeOne, settled } from './drive-rig.js';
import { tinyIso } from './recorded-image.js';

/** A drive of some kind with hands to put discs in and take them out. */
export interface DriveRig {
  readonly port: DrivePort;
  readonly spec: DriveSpec;
  readonly absentSpec: DriveSpec;
  insert(image: Uint8Array): Promise<void>;
  remove(): Promise<void>;
  end(): Promise<void>;
}

const isFault =
  (...codes: Fault['code'][]) =>
  (error: unknown): boolean =>
    error instanceof Fault && codes.includes(error.code);

/** What every DrivePort does, whatever it stands for. */
export function contractOfDrives(kind: string, setUp: () => Promise<DriveRig>): void {
  const withRig = (name: string, body: (rig: DriveRig) => Promise<void>) =>
    test(name, async () => {
      const rig = await setUp();
      try {
        await body(rig);
      } finally {
        await rig.end();
      }
    });

  describe(`${kind} drive keeps the contract of DrivePort`, () => {
    withRig('a drive that is away is no device and no error', async ({ port, absentSpec }) => {
      assert.deepEqual(await port.observe(absentSpec), []);
    });

    withRig('an empty drive holds nothing', async ({ port, spec }) => {
      const device = await observeOne(port, spec);
      assert.equal(device.id, spec.name);
      assert.equal(device.drive, spec.name);
      assert.equal(device.state, 'empty');
      assert.deepEqual(device.media, []);
      assert.equal(device.fault, null);
    });

    withRig('a disc settles, and keeps its key as long as it stays', async ({ port, spec, insert }) => {
      await insert(tinyIso('ONE'));
      const first = await settled(port, spec);
      const again = await settled(port, spec);
      assert.equal(first.device.state, 'loaded');
      assert.deepEqual(again, first);
      assert.equal(first.medium.sizeBytes, 64 * 2048);
      assert.equal(first.medium.fault, null);
      assert.ok(await port.holds(first.device, first.medium));
      assert.equal(await port.isRewritten(first.device, first.medium), false);
    });

    withRig('a disc is identified', async ({ port, spec, insert }) => {
      await insert(tinyIso('ONE'));
      const disc = await identified(port, spec);
      assert.equal(disc.label, 'ONE');
      assert.equal(disc.content, 'data');
      assert.deepEqual(disc.sizes, { mediumBytes: 64 * 2048, iso9660Bytes: 64 * 2048, udfBytes: null });
      assert.notEqual(disc.fingerprint, null);
    });

    withRig('the same disc put in again is a new medium, and the same disc', async ({ port, spec, insert, remove }) => {
      await insert(tinyIso('ONE'));
      const before = await settled(port, spec);
      const disc = await identified(port, spec);
      await remove();
      await eventually(async () => (await observeOne(port, spec)).media.length === 0);
      await insert(tinyIso('ONE'));
      const after = await settled(port, spec);
      assert.notEqual(after.medium.key, before.medium.key);
      assert.ok(sameDisc(disc.fingerprint, (await identified(port, spec)).fingerprint));
      assert.equal(await port.holds(before.device, before.medium), false);
    });

    withRig('a disc that was taken out or changed cannot be identified', async ({ port, spec, insert, remove }) => {
      await insert(tinyIso('ONE'));
      const { device, medium } = await settled(port, spec);
      await remove();
      assert.equal(await port.holds(device, medium), false);
      assert.equal(await port.isRewritten(device, medium), false);
      await assert.rejects(port.identify(device, medium, noStop), isFault('medium_absent', 'source_changed'));
      await insert(tinyIso('TWO'));
      await settled(port, spec);
      await assert.rejects(port.identify(device, medium, noStop), isFault('medium_absent', 'source_changed'));
    });

    withRig('identifying ends early on request', async ({ port, spec, insert }) => {
      await insert(tinyIso('ONE'));
      const { device, medium } = await settled(port, spec);
      const stop = new AbortController();
      const result = port.identify(device, medium, stop.signal);
      stop.abort();
      await assert.rejects(result, isFault('cancelled'));
    });

    withRig('eject gives the disc back, and once more does nothing', async ({ port, spec, insert }) => {
      await insert(tinyIso('ONE'));
      const { device, medium } = await settled(port, spec);
      await port.eject(device, medium);
      await eventually(async () => (await observeOne(port, spec)).media.length === 0);
      assert.equal(await port.holds(device, medium), false);
      await port.eject(device, medium);
    });

    withRig('a readable disc is not protected', async ({ port, spec, insert }) => {
      await insert(tinyIso('ONE'));
      const { medium } = await settled(port, spec);
      assert.equal(await port.refusesByProtection(medium, 0), false);
    });

    withRig('it hints when a disc goes in, and no more once closed', async ({ port, spec, insert, remove }) => {
      let hints = 0;
      port.watch([spec], () => {
        hints += 1;
      });
      await port.observe(spec);
      await insert(tinyIso('ONE'));
      await eventually(async () => hints > 0);
      await port.close();
      const before = hints;
      await remove();
      await insert(tinyIso('TWO'));
      await port.observe(spec);
      assert.equal(hints, before);
    });
  });
}
