import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConfigPlanner } from '../../src/control/config-planner.js';
import type { ConfigSnapshot } from '../../src/core/config-snapshot.js';
import { sampleDeletionsSeen, sampleDesired } from '../core/samples.js';

test('where the archives cannot be looked at, a plan does not say that nothing changes', async () => {
  const snapshot: ConfigSnapshot = {
    path: '/etc/disk2iso/config.yaml',
    files: [],
    folders: [],
    hash: 'h',
    fingerprint: 'f',
    staleMount: false,
  };
  const desired = sampleDesired();
  const planner = createConfigPlanner({
    manager: {
      current: () => ({ generation: 1, hash: 'h', appliedAt: 0, desired, degraded: false }),
      effective: () => [],
      judge: () => ({ ok: true, desired, effective: [], warnings: [] }),
      inForce: () => snapshot,
    },
    load: async () => snapshot,
    compose: async () => snapshot,
    edit: async () => snapshot,
    seen: () => ({ devices: [], insertions: [], deletions: sampleDeletionsSeen(desired) }),
    preview: async () => null,
  });
  const { kind, problems } = await planner.plan(null);
  assert.deepEqual(
    [kind, problems.map(({ severity, code }) => [severity, code])],
    ['changes', [['warning', 'archives_unknown']]],
  );
});
