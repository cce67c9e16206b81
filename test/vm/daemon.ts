import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Guest } from './guest.js';
import { mustRun } from './host-command.js';
import type { SectorRange } from './medium.js';
import type { Station } from './station.js';
import { until } from './until.js';

/** What the scenarios look at of a job; the rest of its JSON is there as well. */
export interface JobView {
  readonly id: string;
  readonly label: string | null;
  readonly status: string;
  readonly phase: string | null;
  readonly media: string;
  readonly device_id: string;
  readonly output_file: string | null;
  readonly size_bytes: number | null;
  readonly rescued_bytes: number;
  readonly verdict: string | null;
  readonly bad_bytes: number | null;
  readonly bad_ranges: readonly { readonly start: number; readonly length: number }[] | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly pause_reason: string | null;
  readonly archive_id: string | null;
}

export interface ArchiveView {
  readonly id: string;
  readonly path: string;
  readonly size_bytes: number;
  readonly checksums: Readonly<Record<string, string>>;
  readonly verdict: string;
  readonly bad_bytes: number | null;
  readonly verification: { readonly result: string } | null;
  readonly superseded_by: string | null;
  readonly provenance: { readonly continues: string | null };
}

export interface DeviceView {
  readonly id: string;
  readonly state: string;
  readonly status: string;
  readonly has_media: boolean;
  readonly media: readonly {
    readonly label: string | null;
    readonly content: string;
    readonly outcome: { readonly kind: string; readonly error: { readonly code: string } | null } | null;
    readonly eject: string | null;
  }[];
}

export interface EventView {
  readonly type: string;
  readonly at: string;
  readonly message: string;
}

export interface StatusView {
  readonly status: string;
  readonly version: string;
  readonly storage: { readonly level: string | null; readonly used_percent: number | null };
  readonly conditions: readonly {
    readonly subject: string;
    readonly status: boolean;
    readonly reason: string;
    readonly message: string;
    readonly problem: boolean;
  }[];
  readonly config: { readonly generation: number; readonly last_reload_successful: boolean };
}

/** Milliseconds: a few seconds on an idle machine are minutes on one that is overloaded. VM_PATIENCE: for whoever writes a scenario. */
export const patience = Number(process.env.VM_PATIENCE ?? 400_000);

/** The program under test, asked through its API in the guest. Works on across boots. */
export class Daemon {
  readonly #station: Station;
  readonly #socket: string;
  #forward: { readonly guest: Guest; readonly path: Promise<string> } | undefined;
  #forwards = 0;

  /** `socket`: where it listens in the guest. */
  constructor(station: Station, socket = '/run/disk2iso/disk2iso.sock') {
    this.#station = station;
    this.#socket = socket;
  }

  /** Through ssh's own connection: asking often must not keep the guest busy with starting programs. */
  async get<Answer>(path: string): Promise<Answer> {
    const { guest } = this.#station;
    if (this.#forward?.guest !== guest) this.#forward = { guest, path: this.#forwardSocket(guest) };
    const { status, body } = await ask(await this.#forward.path, path);
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
    return JSON.parse(body) as Answer;
  }

  async #forwardSocket(guest: Guest): Promise<string> {
    this.#forwards += 1;
    const path = join(this.#station.folder, `api${this.#forwards}`);
    await guest.sh('true');
    await mustRun('ssh', ['-O', 'forward', '-L', `${path}:${this.#socket}`, ...guest.sshArguments]);
    return path;
  }

  /** Oldest first. */
  async jobs(): Promise<readonly JobView[]> {
    const { jobs } = await this.get<{ jobs: JobView[] }>('/api/v1/jobs?limit=100');
    return jobs.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async archives(): Promise<readonly ArchiveView[]> {
    return (await this.get<{ archives: ArchiveView[] }>('/api/v1/archives?limit=100')).archives;
  }

  archive(job: JobView): Promise<ArchiveView> {
    return this.get(`/api/v1/archives/${job.archive_id}`);
  }

  async device(name: string): Promise<DeviceView> {
    const { devices } = await this.get<{ devices: DeviceView[] }>('/api/v1/devices');
    const found = devices.find((one) => one.id.endsWith(name));
    if (found === undefined) throw new Error(`the daemon does not show ${name}`);
    return found;
  }

  /** Newest first. */
  async events(): Promise<readonly EventView[]> {
    return (await this.get<{ events: EventView[] }>('/api/v1/logs?level=debug&limit=1000')).events;
  }

  status(): Promise<StatusView> {
    return this.get('/api/v1/system/status');
  }

  /** Waits until the daemon answers and has had its first look at everything. */
  async untilReady(deadlineMs = patience): Promise<void> {
    await until('the daemon is ready', deadlineMs, () => this.get('/readyz').then(() => true));
  }

  /** The newest job of the disc with this label, once it is as wanted. */
  untilJob(label: string, what: string, is: (job: JobView) => boolean, deadlineMs = patience): Promise<JobView> {
    return until(`job ${label} ${what}`, deadlineMs, async () => {
      const job = (await this.jobs()).filter((one) => one.label === label).at(-1);
      if (job === undefined) throw new Error(`no job ${label}`);
      if (!is(job)) throw new Error(JSON.stringify(job));
      return job;
    });
  }

  untilCompleted(label: string, deadlineMs = patience): Promise<JobView> {
    return this.untilJob(label, 'is completed', (job) => job.status === 'completed', deadlineMs);
  }

  /** Being read, with at least so many bytes rescued. */
  untilReading(label: string, bytes = 1): Promise<JobView> {
    return this.untilJob(label, 'is being read', (job) => job.phase === 'imaging' && job.rescued_bytes >= bytes);
  }

  /** Waits until what became of the disc in this drive is as named: duplicate, unsupported, … */
  untilOutcome(name: string, kind: string): Promise<DeviceView> {
    return until(`${name}: ${kind}`, patience, async () => {
      const device = await this.device(name);
      if (device.media[0]?.outcome?.kind !== kind) throw new Error(JSON.stringify(device));
      return device;
    });
  }

  /**
   * Waits until a drive was seen shut and empty. While its tray is open it shows no disc either, yet the one that was
   * given back may still lie there: only an empty drive makes the daemon forget it.
   */
  async untilEmpty(name: string): Promise<void> {
    await until(`${name} is empty`, patience, async () => (await this.device(name)).state === 'empty');
  }

  /** Replaces text in the configuration file and waits until the daemon has applied it. */
  async configure(edit: (text: string) => string): Promise<void> {
    const { guest } = this.#station;
    const before = (await this.status()).config.generation;
    const path = '/etc/disk2iso/config.yaml';
    const text = await guest.read(path);
    const next = edit(text);
    assert.notEqual(next, text);
    await guest.write(path, `${next}\n`);
    await until('configuration applied', patience, async () => (await this.status()).config.generation > before);
  }

  /** The image holds the disc's bytes, zeros where it is bad, and the checksums noted down are its own. */
  async assertImage(job: JobView, file: string, bad: readonly SectorRange[] = []): Promise<void> {
    const { guest } = this.#station;
    assert.ok(job.output_file !== null);
    const image = await guest.sha256(job.output_file);
    assert.equal(image, await digestWithHoles('sha256', file, bad), `image of ${job.label}`);
    const archive = await this.archive(job);
    assert.equal(archive.checksums.sha256, image);
    assert.equal(archive.verification?.result, 'match');
    const folder = job.output_file.replace(/\/[^/]*$/, '');
    await guest.sh(
      `cd '${folder}' && test -s '${job.output_file}.json' && test "$(stat -c %U '${job.output_file}')" = disk2iso`,
    );
  }
}

function ask(socketPath: string, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, path, headers: { host: 'localhost' }, timeout: 60_000, agent: false },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        answer.once('error', reject);
        answer.once('end', () => resolve({ status: answer.statusCode, body }));
      },
    );
    sent.once('timeout', () => sent.destroy(new Error(`no answer to ${path}`)));
    sent.once('error', reject);
    sent.end();
  });
}

/** The digest of a file, from this byte on, in which these sectors were zero. */
export async function digestWithHoles(
  algorithm: 'md5' | 'sha256',
  file: string,
  bad: readonly SectorRange[],
  start = 0,
): Promise<string> {
  const hash = createHash(algorithm);
  let at = start;
  for await (const chunk of createReadStream(file, { start, highWaterMark: 1024 * 1024 })) {
    const bytes = chunk as Buffer;
    for (const [first, last] of bad) {
      const from = Math.max(0, first * 2048 - at);
      const to = Math.min(bytes.length, (last + 1) * 2048 - at);
      if (from < to) bytes.fill(0, from, to);
    }
    hash.update(bytes);
    at += bytes.length;
  }
  return hash.digest('hex');
}
