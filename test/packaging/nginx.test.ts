import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { request } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { missing, must, root, run } from './tool.js';

const skip = missing('nginx', 'nginx-light') || missing('openssl', 'openssl');

describe('the nginx site', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'disk2iso-nginx-'));
  let port = 0;
  let nginx: ChildProcess;
  let upstream: Server;
  const seen: IncomingMessage[] = [];

  before(async () => {
    const [https, http] = [await freePort(), await freePort()];
    port = https;
    writeConfiguration(https, http);
    upstream = createServer((message, response) => {
      seen.push(message);
      if (message.url === '/api/v1/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: first\n\n');
        return;
      }
      response.writeHead(200, { 'content-security-policy': "default-src 'none'", 'x-xss-protection': '0' });
      response.end('hello');
    });
    upstream.listen(join(folder, 'disk2iso.sock'));
    await once(upstream, 'listening');
    must('nginx', ['-t', '-q', '-c', join(folder, 'nginx.conf')]);
    nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf')], {
      env: { PATH: '/usr/sbin:/usr/bin' },
      stdio: 'inherit',
    });
    await answers();
  });

  after(async () => {
    nginx.kill('SIGTERM');
    await once(nginx, 'exit');
    upstream.closeAllConnections();
    upstream.close();
    rmSync(folder, { recursive: true });
  });

  /** The site as it is shipped, but for ports, paths and the daemon's socket. */
  function writeConfiguration(https: number, http: number): void {
    const subject = ['-subj', '/CN=disk2iso.local', '-days', '2'];
    const pair = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
    must('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...pair, ...subject]);
    writeFileSync(join(folder, 'htpasswd'), 'you:{PLAIN}secret\n');
    const site = readFileSync(join(root, 'packaging/nginx/disk2iso.conf'), 'utf8')
      .replace(/\n.*listen \[::\].*/g, '')
      .replaceAll('listen 443', `listen 127.0.0.1:${https}`)
      .replaceAll('listen 80', `listen 127.0.0.1:${http}`)
      .replaceAll('/etc/ssl/certs/disk2iso.crt', join(folder, 'cert.pem'))
      .replaceAll('/etc/ssl/private/disk2iso.key', join(folder, 'key.pem'))
      .replaceAll('/etc/nginx/disk2iso.htpasswd', join(folder, 'htpasswd'))
      .replaceAll('/run/disk2iso/disk2iso.sock', join(folder, 'disk2iso.sock'));
    writeFileSync(join(folder, 'site.conf'), site);
    mkdirSync(join(folder, 'tmp'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (n) => `${n}_temp_path ${folder}/tmp/${n};`,
    );
    const user = userInfo().uid === 0 ? 'user root;' : '';
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; ${user} pid ${folder}/pid; error_log ${folder}/error.log; events {}
       http { access_log off; ${temporary.join(' ')} include ${folder}/site.conf; }`,
    );
  }

  async function answers(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if (
        await get('/').then(
          () => true,
          () => false,
        )
      )
        return;
      await pause(50);
    }
    assert.fail(`nginx does not answer: ${readFileSync(join(folder, 'error.log'), 'utf8')}`);
  }

  function get(path: string, auth = 'you:secret'): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false, timeout: 60_000 };
      const client = request({ ...options, auth, headers: { host: 'disk2iso.local' } }, resolve);
      client.on('error', reject).on('timeout', () => client.destroy(new Error(`no answer to ${path}`)));
      client.end();
    });
  }

  it('passes the host, and none of the credentials, to the socket', async () => {
    assert.equal((await get('/jobs')).statusCode, 200);
    const headers = seen.at(-1)?.headers;
    assert.equal(headers?.host, 'disk2iso.local');
    assert.equal(headers?.['x-forwarded-proto'], 'https');
    assert.equal(headers?.['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers?.authorization, undefined);
  });

  it('asks who is there, and keeps the socket commands to the machine', async () => {
    assert.equal((await get('/', 'you:wrong')).statusCode, 401);
    const before = seen.length;
    assert.equal((await get('/-/reload')).statusCode, 404);
    assert.equal(seen.length, before);
  });

  it('adds the headers of the specification, and leaves a stricter policy of the program alone', async () => {
    const { headers } = await get('/');
    assert.equal(headers['strict-transport-security'], 'max-age=31536000; includeSubDomains');
    assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-xss-protection'], '1; mode=block');
    assert.equal(headers['content-security-policy'], "default-src 'none'");
    const own = await get('/', 'nobody:here');
    assert.match(String(own.headers['content-security-policy']), /^default-src 'self'/);
  });

  it('hands on server-sent events at once', async () => {
    const response = await get('/api/v1/events');
    const [chunk] = (await once(response, 'data', { signal: AbortSignal.timeout(60_000) })) as [Buffer];
    assert.equal(chunk.toString(), 'data: first\n\n');
    response.destroy();
  });

  it('speaks TLS 1.2 and 1.3 only', () => {
    const tried = (version: string) =>
      run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, version, '-cipher', 'ALL:@SECLEVEL=0']).output;
    assert.doesNotMatch(tried('-tls1_1'), /Cipher is (?!\(NONE\))/);
    assert.match(tried('-tls1_2'), /Cipher is (?!\(NONE\))/);
  });

  it('answers 429 to whoever asks more than the limit', async () => {
    const statuses = await Promise.all(Array.from({ length: 60 }, async () => (await get('/')).statusCode));
    assert.ok(statuses.includes(200) && statuses.includes(429), statuses.join(' '));
  });
});

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}
