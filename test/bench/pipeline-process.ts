/** `node pipeline-process.js SOURCE SIZE FOLDER` prints one Timing as JSON. */
import { runPipeline } from './pipeline.js';

const [source, size, folder] = process.argv.slice(2);
if (source === undefined || size === undefined || folder === undefined) throw new Error('usage: SOURCE SIZE FOLDER');
const { committedMs } = await runPipeline(source, Number(size), folder, ['md5', 'sha256']);
console.log(JSON.stringify({ ms: committedMs, peakBytes: process.resourceUsage().maxRSS * 1024 }));
