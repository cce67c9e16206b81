import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { missing, must, root, run } from './tool.js';

describe('the units', () => {
  for (const unit of ['disk2iso.service', 'disk2iso-poke@.service']) {
    it(`${unit}: exposure is at most 3.0`, { skip: missing('systemd-analyze', 'systemd') }, () => {
      const path = join(root, 'systemd', unit);
      const output = must('systemd-analyze', ['security', '--offline=true', '--threshold=30', path]);
      const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(output)?.[1]);
      assert.ok(exposure > 0 && exposure <= 3, `exposure ${exposure}`);
    });
  }
});

describe('the udev rule', () => {
  const rules = join(root, 'packaging/udev/90-disk2iso.rules');

  it('starts the unit that exists', () => {
    const wanted = /SYSTEMD_WANTS\}\+="([^"%]+)%k\.service"/.exec(readFileSync(rules, 'utf8'))?.[1];
    assert.equal(wanted, 'disk2iso-poke@');
  });

  it('is what udev understands', (t) => {
    const reason = missing('udevadm', 'udev');
    if (reason !== false) return t.skip(reason);
    const systemd = Number(/^systemd (\d+)|^(\d+)/.exec(must('udevadm', ['--version']))?.[0].replace(/\D/g, ''));
    if (systemd < 254) return t.skip(`udevadm ${systemd} has no "verify" (254)`);
    const { status, output } = run('udevadm', ['verify', '--resolve-names=never', rules]);
    assert.equal(status, 0, output);
  });
});
