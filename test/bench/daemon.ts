import { spawn } from 'node:child_process';
import { link, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Contestant } from './contestants.js';

const program = fileURLToPath(new URL('../../src/main.js', import.meta.url));

interface JobAnswer {
  readonly status: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

function ask(socketPath: string, path: string): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) }));
    });
    call.on('error', reject).end();
  });
}

/** Asks twice a second, as often as a status page would. */
async function until<T>(look: () => Promise<T | null>, what: string): Promise<T> {
  const deadline = performance.now() + 300_000;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await wait(500);
  }
}

async function peakBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** The whole job as the daemon's own records tell it: from its start until the image has its name in the library. */
export const daemon: Contestant = {
  name: 'the whole job in the daemon',
  needs: ['ddrescue'],
  async run(source, _sizeBytes, folder) {
    const [inbox, socket, configFile] = [join(folder, 'inbox'), join(folder, 'd.sock'), join(folder, 'config.yaml')];
    const config = {
      apiVersion: 'disk2iso/v1',
      storage: { library: './library', state: './state', warn_at: '99.8%', stop_at: '99.9%' },
      drives: [{ name: 'inbox', folder: './inbox' }],
      defaults: { verify: false, checksums: ['md5', 'sha256'], eject: 'never' },
      api: { listen: false, socket },
    };
    await mkdir(inbox);
    await writeFile(configFile, JSON.stringify(config));
    const child = spawn(process.execPath, [program, 'daemon', '--config', configFile], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      await until(async () => {
        if (child.exitCode !== null) throw new Error(`the daemon ended with status ${child.exitCode}`);
        const answer = await ask(socket, '/readyz').catch(() => null);
        return answer?.status === 200 ? true : null;
      }, 'the daemon');
      await link(source, join(folder, 'disc.iso'));
      await rename(join(folder, 'disc.iso'), join(inbox, 'disc.iso'));
      const job = await until(async () => {
        const { body } = await ask(socket, '/api/v1/jobs');
        const [first] = (body as { jobs: JobAnswer[] }).jobs;
        if (first?.status === 'failed') throw new Error(`the job failed: ${JSON.stringify(first)}`);
        return first?.status === 'completed' ? first : null;
      }, 'the archive');
      const ms = Date.parse(job.finished_at ?? '') - Date.parse(job.started_at ?? '');
      return { ms, peakBytes: await peakBytesOf(child.pid ?? 0) };
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  },
};
