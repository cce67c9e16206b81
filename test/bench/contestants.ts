import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Timing {
  readonly ms: number;
  /** Most memory the measured program held, in bytes; null where that is of no interest. */
  readonly peakBytes: number | null;
}

export interface Contestant {
  readonly name: string;
  /** Programs it needs on the PATH. */
  readonly needs: readonly string[];
  /** Images the source into the folder, which is empty before and removed afterwards. */
  run(source: string, sizeBytes: number, folder: string): Promise<Timing>;
}

/** Runs a program to its end and gives what it printed. */
export function runProgram(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2000);
    });
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(stdout);
      else reject(new Error(`${program} ended with status ${status}: ${stderr}`));
    });
  });
}

async function timed(work: () => Promise<unknown>): Promise<Timing> {
  const startedAt = performance.now();
  await work();
  return { ms: performance.now() - startedAt, peakBytes: null };
}

export const adapters: Contestant = {
  name: 'sweep with checksums that follow',
  needs: ['ddrescue'],
  async run(source, sizeBytes, folder) {
    // a process of its own, so that its memory is its own
    const program = fileURLToPath(new URL('./pipeline-process.js', import.meta.url));
    const printed = await runProgram(process.execPath, [program, source, String(sizeBytes), folder]);
    return JSON.parse(printed) as Timing;
  },
};

export const dc3dd: Contestant = {
  name: 'dc3dd with both hashes',
  needs: ['dc3dd'],
  run: (source, _sizeBytes, folder) =>
    timed(() => runProgram('dc3dd', [`if=${source}`, `of=${join(folder, 'image')}`, 'hash=md5', 'hash=sha256'])),
};

export const oneAfterTheOther: Contestant = {
  name: 'ddrescue, then md5sum, then sha256sum',
  needs: ['ddrescue'],
  run: (source, _sizeBytes, folder) =>
    timed(async () => {
      const image = join(folder, 'image');
      await runProgram('ddrescue', ['-b', '2048', source, image, join(folder, 'map')]);
      await runProgram('md5sum', [image]);
      await runProgram('sha256sum', [image]);
    }),
};

export const opensslMd5: Contestant = {
  name: "OpenSSL's MD5 alone (the limit)",
  needs: ['openssl'],
  run: (source) => timed(() => runProgram('openssl', ['dgst', '-md5', source])),
};
