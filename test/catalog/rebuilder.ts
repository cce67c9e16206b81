/** A process that rebuilds a catalog; the test kills it. */
import { rebuildCatalog } from '../../src/adapters/level-catalog-rebuild.js';
import { createLibrary } from '../../src/adapters/library.js';
import { realClock } from './station-folders.js';

const [, , state = '', folder = ''] = process.argv;
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
process.stdout.write('begin\n');
await rebuildCatalog({ state, library: createLibrary({ library: folder, log }), clock: realClock });
