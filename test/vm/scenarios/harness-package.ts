import assert from 'node:assert/strict';
import { scenario } from '../scenario.js';

export const scenarios = [
  scenario('harness: the package is installed from its file alone, and its service runs', async ({ guest }) => {
    assert.match(await guest.sh('dpkg -s disk2iso'), /install ok installed/);
    await guest.waitFor('the service', 'systemctl is-active disk2iso', 60_000);
    assert.equal(await guest.sh('systemctl --failed --no-legend'), '');
  }),
];
