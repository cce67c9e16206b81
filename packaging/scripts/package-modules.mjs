// Production dependencies cut down to what runs: no documentation, tests, sources, types or other platforms' binaries.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { extname, join, relative } from 'node:path';

/** Debian's architecture to the folder of prebuilt binaries (prebuildify's naming). */
const platforms = { amd64: 'linux-x64', arm64: 'linux-arm64', armhf: 'linux-arm' };

/** Only at the top of a package: deeper down such names are code (yaml/dist/doc). */
const topFolders = new Set([
  ...['test', 'tests', '__tests__', 'doc', 'docs', 'example', 'examples', 'bench', 'benchmark', 'benchmarks'],
  ...['deps', 'coverage', '.github', '.husky', '.vscode'],
]);
const extensions = new Set([
  ...['.md', '.markdown', '.map', '.ts', '.mts', '.cts', '.flow', '.h', '.cc', '.c', '.cpp', '.gyp', '.gypi', '.yml'],
  ...['.zip', '.html', '.patch', '.sh', '.in', '.ico'],
]);
const licence = /^(?:licen[cs]e|copying|notice)/i;

export function dropUnneeded(modules, arch) {
  const platform = platforms[arch];
  if (platform === undefined) throw new Error(`no prebuilt modules for ${arch}; known: ${Object.keys(platforms).join(', ')}`);
  for (const name of ['.bin', '.package-lock.json']) rmSync(join(modules, name), { recursive: true, force: true });
  for (const folder of packagesIn(modules)) {
    for (const name of readdirSync(folder)) {
      if (topFolders.has(name)) rmSync(join(folder, name), { recursive: true });
    }
    dropFiles(folder);
    dropForeignPrebuilds(join(folder, 'prebuilds'), platform);
  }
}

function dropFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) dropFiles(path);
    else if (licence.test(entry.name)) continue;
    else if (extensions.has(extname(entry.name)) || entry.name.startsWith('.')) rmSync(path);
  }
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}

function dropForeignPrebuilds(prebuilds, platform) {
  if (!existsSync(prebuilds)) return;
  for (const name of readdirSync(prebuilds)) {
    if (name !== platform) rmSync(join(prebuilds, name), { recursive: true });
  }
  // Debian's C library is glibc.
  const kept = existsSync(join(prebuilds, platform)) ? readdirSync(join(prebuilds, platform)) : [];
  for (const name of kept) if (name.includes('musl')) rmSync(join(prebuilds, platform, name));
  if (kept.every((name) => name.includes('musl'))) throw new Error(`${prebuilds} holds nothing for ${platform}`);
}

/** Folders of all packages, nested ones included. */
function packagesIn(modules) {
  const scoped = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => join(name, inner)) : [name],
  );
  return scoped.sort().flatMap((name) => {
    const folder = join(modules, name);
    const nested = join(folder, 'node_modules');
    return [folder, ...(existsSync(nested) ? packagesIn(nested) : [])];
  });
}

/** The bundled packages as paragraphs of Debian's machine-readable copyright file. */
export function licencesOf(modules) {
  const paragraphs = packagesIn(modules).map((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((name) => licence.test(name));
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
    const owners = text.split('\n').map((line) => line.trim()).filter((line) => /^(?:\*\s*)?copyright\b.*\d{4}/i.test(line));
    const owner = owners[0] ?? `The authors of ${manifest.name}`;
    const where = file === undefined ? '' : `Comment: The licence's text is the file ${file} there.\n`;
    const path = relative(modules, folder);
    return `Files: usr/lib/disk2iso/node_modules/${path}/*\nCopyright: ${owner}\nLicense: ${licenceName(manifest)}\n${where}`;
  });
  return paragraphs.join('\n');
}

function licenceName({ license, licenses }) {
  if (typeof license === 'string') return license;
  const named = license?.type ?? licenses?.map((each) => each.type).join(' or ');
  return named ?? 'not stated in package.json';
}
