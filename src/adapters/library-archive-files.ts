import { lstat, mkdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Archive, careOf, withCare } from '../core/archive.js';
import type { Algorithm } from '../core/checksum.js';
import { Fault } from '../core/fault.js';
import type { ArchiveFiles } from '../core/imaging-ports.js';
import { exists, fileFault, isMissing, libraryPlace, makeFolder, syncFolder, writeDurably } from './library-files.js';
import { checkFoldersTo, makeFoldersTo, ownFolder, resolveInside, trashOf, trashRoot } from './library-layout.js';
import { isTaken } from './library-name.js';
import { placeFile } from './library-place.js';
import { checksumFiles, formatChecksumLine } from './library-sidecars.js';
import { formatManifest, parseManifest } from './manifest.js';

/** The files of finished archives: manifests written anew, checksum files added, and the trash. */
export function createArchiveFiles(library: string): ArchiveFiles {
  async function guarded<Result>(doing: string, task: () => Promise<Result>): Promise<Result> {
    try {
      return await task();
    } catch (error) {
      throw fileFault(error, libraryPlace, doing);
    }
  }
  return {
    describe: (archive) => guarded(`the manifest of ${archive.path} is written`, () => writeManifest(library, archive)),
    addChecksums: (archive, added) =>
      guarded(`checksums of ${archive.path} are written`, () => addChecksums(library, archive, added)),
    freePath: (archive, reserved) =>
      guarded(`a name for ${archive.path} is chosen`, () => freePath(library, archive, reserved)),
    trash: (archive) => guarded(`${archive.path} goes to the trash`, () => moveToTrash(library, archive)),
    restore: (archive, path) =>
      guarded(`${archive.path} comes back from the trash`, () => moveFromTrash(library, archive, path)),
    look: (archive) => guarded(`${archive.path} is looked for`, () => look(library, archive)),
    purge: (archive) => guarded(`${archive.path} is deleted`, () => purge(library, archive)),
  };
}

/** The text of the manifest at this place: this archive's, or null where there is none, or Fault state_conflict. */
async function ownManifest(file: string, archive: Archive): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  let id: string;
  try {
    ({ id } = parseManifest(text, archive.path));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault('state_conflict', `${file} is not a manifest that can be read, and is not replaced: move it away.`);
  }
  if (id === archive.id) return text;
  throw new Fault('state_conflict', `${file} describes another image (${id}) and is not touched.`);
}

async function isOwn(file: string, archive: Archive): Promise<boolean> {
  try {
    return (await ownManifest(file, archive)) !== null;
  } catch (error) {
    if (error instanceof Fault && error.code === 'state_conflict') return false;
    throw error;
  }
}

let parts = 0;

/**
 * Written in the library's own folder, so that no name beside the images is taken even for a moment, under a name that
 * nobody else writes to; `place` gives it its final one.
 */
async function writeBeside(
  library: string,
  archive: Archive,
  text: string,
  place: (file: string) => Promise<void>,
): Promise<void> {
  parts += 1;
  const file = join(ownFolder(library), `${archive.id}.${process.pid}-${parts}.part`);
  try {
    await writeDurably(file, text);
    await place(file);
  } finally {
    await rm(file, { force: true });
    await rm(`${file}.new`, { force: true });
  }
}

async function writeManifest(library: string, archive: Archive): Promise<void> {
  if (careOf(archive).trashed !== null) {
    const folder = trashOf(library, archive.id);
    const name = `${basename(archive.path)}.json`;
    if (await exists(folder)) await writeDurably(join(folder, name), formatManifest(archive));
    return;
  }
  const image = resolveInside(library, archive.path);
  await checkFoldersTo(library, archive.path);
  const before = await ownManifest(`${image}.json`, archive);
  if (before === null && !(await exists(image))) {
    throw new Fault('not_found', `${archive.path} is missing from the library; look for what removed it.`);
  }
  const place = before === null ? placeFile : rename;
  await writeBeside(library, archive, formatManifest(archive), (file) => place(file, `${image}.json`));
  await syncFolder(dirname(image));
}

/** First the checksum files, then the manifest: what it lists is there. */
async function addChecksums(library: string, archive: Archive, added: readonly Algorithm[]): Promise<void> {
  const image = resolveInside(library, archive.path);
  await checkFoldersTo(library, archive.path);
  for (const algorithm of added) {
    const digest = archive.checksums[algorithm];
    if (digest === undefined) continue;
    const line = formatChecksumLine(digest, basename(image));
    await writeBeside(library, archive, line, (file) => placeFile(file, `${image}.${algorithm}`));
  }
  await syncFolder(dirname(image));
  await writeManifest(library, archive);
}

const mostTries = 10_000;

/** The path it had, or the first one with a number after the name where image and sidecars have free names. */
async function freePath(library: string, archive: Archive, reserved: ReadonlySet<string>): Promise<string> {
  await checkFoldersTo(library, archive.path);
  const [, base = archive.path, end = ''] = /^(.*?)((?:\.damaged)?\.iso)$/s.exec(archive.path) ?? [];
  for (let number = 1; number <= mostTries; number += 1) {
    const path = `${base}${number === 1 ? '' : `_${number}`}${end}`;
    if (!reserved.has(path) && !(await isTaken(resolveInside(library, path)))) return path;
  }
  throw new Fault('library_unwritable', `${archive.path} is taken ${mostTries} times over: move some of them away.`);
}

/** Names beside the image that are this archive's. What else lies there is not touched. */
const ownEnds = (archive: Archive): string[] => [
  '',
  ...(Object.keys(archive.checksums) as Algorithm[]).map((algorithm) => `.${algorithm}`),
  ...('badBytes' in archive.verdict ? ['.map'] : []),
];

async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/**
 * The manifest in its old place goes last, so that it tells for as long as there is anything left to be moved, and
 * keeps the name from being taken. Without it nothing there is known to be ours.
 */
async function moveToTrash(library: string, archive: Archive): Promise<void> {
  const image = resolveInside(library, archive.path);
  const name = basename(image);
  const folder = trashOf(library, archive.id);
  await checkFoldersTo(library, archive.path);
  if (!(await isOwn(`${image}.json`, archive))) {
    if (await isOwn(join(folder, `${name}.json`), archive)) return;
    const message = `${image}.json is not the manifest of ${archive.id}: nothing there is moved to the trash.`;
    throw new Fault('state_conflict', message);
  }
  if (await makeFolder(trashRoot(library))) await syncFolder(ownFolder(library));
  if (await makeFolder(folder)) await syncFolder(trashRoot(library));
  await writeDurably(join(folder, `${name}.json`), formatManifest(archive));
  for (const end of ownEnds(archive)) {
    if (await isFile(image + end)) await moveFile(image + end, join(folder, name + end));
  }
  await syncFolder(folder);
  await syncFolder(dirname(image));
  await unlink(`${image}.json`);
  await syncFolder(dirname(image));
}

/** Of two names of one file, which a restore that was interrupted leaves, rename() removes neither. */
async function moveFile(from: string, to: string): Promise<void> {
  await rename(from, to);
  if (!(await isFile(from))) return;
  const [left, moved] = await Promise.all([lstat(from), lstat(to)]);
  if (left.ino === moved.ino && left.dev === moved.dev) await unlink(from);
}

/** As an image gets its name the first time: what describes it first, then the image, and nothing is replaced. */
async function moveFromTrash(library: string, archive: Archive, path: string): Promise<void> {
  const folder = trashOf(library, archive.id);
  const old = basename(archive.path);
  const image = resolveInside(library, path);
  const name = basename(image);
  if (!(await exists(folder))) {
    if (await isOwn(`${image}.json`, archive)) return;
    throw new Fault('not_found', `${archive.path} is not in the trash any more.`);
  }
  await makeFoldersTo(library, path);
  const restored = { ...withCare(archive, { trashed: null }), path };
  const final = join(folder, 'final');
  await mkdir(final, { recursive: true });
  const sidecars = [
    ...checksumFiles(archive.checksums, name),
    { name: `${name}.json`, text: formatManifest(restored) },
  ];
  try {
    for (const one of sidecars) {
      await writeDurably(join(final, one.name), one.text);
      await placeFile(join(final, one.name), join(dirname(image), one.name));
    }
    if (await isFile(join(folder, `${old}.map`))) await placeFile(join(folder, `${old}.map`), `${image}.map`);
    await syncFolder(dirname(image));
    if (await isFile(join(folder, old))) await placeFile(join(folder, old), image);
  } catch (error) {
    if (error instanceof Fault && error.code === 'state_conflict' && (await isOwn(`${image}.json`, restored))) {
      await withdraw(image, sidecars);
    }
    throw error;
  }
  await syncFolder(dirname(image));
  if (!(await isFile(image))) throw new Fault('not_found', `The image of ${archive.path} is not in the trash.`);
  await rm(folder, { recursive: true, force: true });
  await syncFolder(trashRoot(library));
}

/** What was laid beside a name that turned out to be another's: the manifest, by which it is known to be ours, last. */
async function withdraw(image: string, sidecars: readonly { readonly name: string; readonly text: string }[]) {
  for (const { name, text } of sidecars) {
    const file = join(dirname(image), name);
    if ((await isFile(file)) && (await readFile(file, 'utf8')) === text) await unlink(file);
  }
  await syncFolder(dirname(image));
}

async function look(library: string, archive: Archive): Promise<'present' | 'changed' | 'missing'> {
  const image =
    careOf(archive).trashed === null
      ? resolveInside(library, archive.path)
      : join(trashOf(library, archive.id), basename(archive.path));
  try {
    const found = await stat(image);
    return found.isFile() && found.size === archive.sizeBytes ? 'present' : 'changed';
  } catch (error) {
    if (!isMissing(error)) throw error;
    // a library that is not mounted says nothing of its images
    await stat(ownFolder(library));
    return 'missing';
  }
}

/** The image goes first: what is left of an interrupted purge still says what it was. */
async function purge(library: string, archive: Archive): Promise<void> {
  const folder = trashOf(library, archive.id);
  if (await isOwn(`${resolveInside(library, archive.path)}.json`, archive)) {
    throw new Fault('state_conflict', `${archive.path} still lies in the library: it is moved to the trash first.`);
  }
  await rm(join(folder, basename(archive.path)), { force: true });
  await rm(folder, { recursive: true, force: true });
  if (await exists(trashRoot(library))) await syncFolder(trashRoot(library));
  await stat(ownFolder(library));
}
