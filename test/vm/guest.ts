import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { type Outcome, runCommand } from './host-command.js';
import { until } from './until.js';

export interface GuestCommand {
  /** Default 300,000: starting node takes a minute on an overloaded machine. */
  readonly timeoutMs?: number;
  readonly input?: string | Buffer;
  /** Run as this user of the guest instead of root; 'reader' is an ordinary one in group cdrom. */
  readonly as?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export interface HttpRequest {
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Connect to this unix socket instead of the address's host. */
  readonly socket?: string;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The system in the machine, reached through ssh as root. */
export class Guest {
  readonly sshArguments: readonly string[];

  /** One per power-on: `controlPath` keeps one connection open for all commands. */
  constructor(port: number, key: string, controlPath: string) {
    this.sshArguments = [
      ...['-q', '-i', key, '-p', String(port), '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
      ...['-o', 'ConnectTimeout=10', '-o', 'IdentitiesOnly=yes', '-o', 'ControlMaster=auto'],
      ...['-o', `ControlPath=${controlPath}`, '-o', 'ControlPersist=600', 'root@127.0.0.1'],
    ];
  }

  /** Runs a shell command; an exit status is a result, not an error. Status 255 is also ssh's own failure. */
  run(command: string, options: GuestCommand = {}): Promise<Outcome> {
    const words = options.as === undefined ? command : `runuser -u ${options.as} -- sh -c ${quote(command)}`;
    const settings = { timeoutMs: options.timeoutMs ?? 300_000, ...(options.input ? { input: options.input } : {}) };
    return runCommand('ssh', [...this.sshArguments, words], settings);
  }

  /** Like run, but gives standard output without the last line end, and throws when the exit status is not 0. */
  async sh(command: string, options: GuestCommand = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, options);
    if (code !== 0) throw new Error(`in the guest: ${command}\nexit status ${code}\n${stdout}${stderr}`);
    return stdout.replace(/\n$/, '');
  }

  /** Waits for the first answer: 15 s on an idle machine, and many times that on one that is overloaded. */
  async waitForSsh(deadlineMs = 400_000): Promise<void> {
    await until('ssh', deadlineMs, async () => (await this.run('true', { timeoutMs: 15_000 })).code === 0, 100);
  }

  /** Ends the connection that all commands share; the next command opens another. */
  async closeConnection(): Promise<void> {
    await runCommand('ssh', ['-O', 'exit', ...this.sshArguments]);
  }

  /** Waits until the command succeeds; gives its standard output. */
  waitFor(what: string, command: string, deadlineMs: number): Promise<string> {
    return until(what, deadlineMs, () => this.sh(command));
  }

  async write(path: string, content: string | Buffer): Promise<void> {
    await this.sh(`cat > ${quote(path)}`, { input: content });
  }

  read(path: string): Promise<string> {
    return this.sh(`cat ${quote(path)}`);
  }

  /** Copies one file from this machine into the guest. */
  async push(file: string, path: string): Promise<void> {
    const ssh = spawn('ssh', [...this.sshArguments, `cat > ${quote(path)}`], { stdio: ['pipe', 'ignore', 'inherit'] });
    createReadStream(file).pipe(ssh.stdin);
    const code = await new Promise<number | null>((resolve) => ssh.once('close', resolve));
    if (code !== 0) throw new Error(`${file} could not be copied to ${path}: ssh ended with ${code}`);
  }

  sha256(path: string): Promise<string> {
    return this.sh(`sha256sum < ${quote(path)}`, { timeoutMs: 300_000 }).then((line) => line.slice(0, 64));
  }

  /** One HTTP request made in the guest. Throws when nobody answers. */
  async http(url: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    const words = ['curl', '-sS', '-k', '-w', '\\n%{http_code}', '-X', request.method ?? 'GET'];
    if (request.socket !== undefined) words.push('--unix-socket', request.socket);
    for (const [name, value] of Object.entries(request.headers ?? {})) words.push('-H', `${name}: ${value}`);
    if (request.body !== undefined) words.push('-H', 'Content-Type: application/json', '--data-binary', '@-');
    const input = request.body === undefined ? {} : { input: JSON.stringify(request.body) };
    const text = await this.sh([...words, url].map(quote).join(' '), input);
    const at = text.lastIndexOf('\n');
    return { status: Number(text.slice(at + 1)), body: text.slice(0, at) };
  }

  /** A drive as the guest's kernel and udev know it. `device`: sr0. */
  async look(device: string): Promise<DriveLook> {
    const folder = `/sys/block/${device}`;
    const text = await this.sh(`cat ${folder}/size ${folder}/diskseq && udevadm info -q property /dev/${device}`);
    const [size, diskseq, ...properties] = text.split('\n');
    const pairs = properties.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    return { bytes: Number(size) * 512, diskseq: Number(diskseq), udev: Object.fromEntries(pairs) };
  }
}

export interface DriveLook {
  /** What the kernel holds for the disc's size; an old disc's until somebody opens the drive. */
  readonly bytes: number;
  readonly diskseq: number;
  readonly udev: Readonly<Record<string, string | undefined>>;
}
