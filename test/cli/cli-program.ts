/* Run as a process by the tests: the command line with what main.ts would wire replaced by words in files. */
import { readFile } from 'node:fs/promises';
import { runCli } from '../../src/cli/run-cli.js';
import { Fault } from '../../src/core/fault.js';

process.exitCode = await runCli(process.argv.slice(2), {
  version: '1.2.3',
  environment: process.env,
  workingFolder: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  // here a configuration is the path of its socket and nothing else
  socketOf: async (file) => {
    const text = (await readFile(file, 'utf8')).trim();
    if (text.startsWith('/')) return text;
    throw new Fault('config_invalid', `${file}:1:1: no socket`);
  },
  runDaemon: async (file) => {
    process.stdout.write(`daemon on ${file}\n`);
    return 78;
  },
  checkFile: async () => ({ isReadable: true, isValid: true, texts: [], problems: [] }),
  migrateFile: async () => '',
  editFile: async () => ({ isValid: true, diff: '', problems: [] }),
  formatProblem: (problem) => `${problem.severity}: ${problem.message}`,
  rebuildOffline: async (file) => {
    process.stderr.write(`offline on ${file}\n`);
    return { archives: 7, leftOut: 0, problems: [] };
  },
});
