import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { missing, must, root } from './tool.js';

const profile = join(root, 'packaging/apparmor/disk2iso');

it('the AppArmor profile compiles', { skip: missing('apparmor_parser', 'apparmor') }, () => {
  must('apparmor_parser', ['--skip-kernel-load', '--skip-cache', profile]);
});

it('the service asks for the profile by its name, and does without where AppArmor is off', () => {
  const name = /^profile (\S+) /m.exec(readFileSync(profile, 'utf8'))?.[1];
  const unit = readFileSync(join(root, 'systemd/disk2iso.service'), 'utf8');
  assert.equal(/^AppArmorProfile=-(\S+)$/m.exec(unit)?.[1], name);
});
