import { resolve } from 'node:path';
import { Command } from 'commander';
import { formatBytes } from '../core/describe-event.js';
import { isArchiveId } from '../core/ids.js';
import type { ArchiveVerifiedShape } from './api-shapes.js';
import { describeVerification } from './archives-command.js';
import { type Action, bindAction, type CliContext, type CliRun } from './cli-context.js';
import { exitStatus } from './cli-error.js';
import { verifyFile } from './verify-file.js';

export function verifyCommand(run: CliRun): Command {
  const command = new Command('verify')
    .description('read an image again and compare it with its checksums')
    .argument('<id-or-file>', 'id of an archive: the daemon does it; a file: done here, without a daemon')
    .addHelpText(
      'after',
      '\nA file is compared with FILE.json and FILE.sha256 and the like beside it.\nExit status 1: it differs or is missing.',
    );
  return bindAction(run, command, verify);
}

const verify: Action<object> = (context, [subject = '']) =>
  isArchiveId(subject) ? verifyArchive(context, subject) : verifyHere(context, subject);

async function verifyArchive({ output, client }: CliContext, id: string): Promise<number> {
  const api = await client();
  output.transient(`The daemon reads ${id} …`);
  const path = `/api/v1/archives/${encodeURIComponent(id)}/verify`;
  const answer = (await api
    .call(path, { method: 'POST', patienceMs: null })
    .finally(() => output.transient(''))) as ArchiveVerifiedShape;
  const { result } = answer.verification;
  if (output.isJson) output.json(answer);
  else {
    output.line(`${id}: ${describeVerification(answer.verification)}`);
    if (result === 'mismatch') output.remark(mismatchAdvice);
    if (result === 'unreadable')
      output.remark('Its disk gives read errors: replace the disk, then put the image back.');
    if (result === 'missing') output.remark('The image is gone: put it back from a copy, or image the disc again.');
  }
  return result === 'match' ? exitStatus.ok : exitStatus.failed;
}

const mismatchAdvice =
  'The storage has changed the image: keep the file, check the disk, then put it back from a copy or image the disc again.';

async function verifyHere({ output, dependencies }: CliContext, path: string): Promise<number> {
  let shown = -1;
  const found = await verifyFile(resolve(dependencies.workingFolder, path), (done, total) => {
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
    if (percent !== shown) output.transient(`${percent} % of ${formatBytes(total)}`);
    shown = percent;
  }).finally(() => output.transient(''));
  if (output.isJson) output.json(found);
  else {
    const compared = Object.keys(found.checksums).join(', ');
    const isSame = found.result === 'match';
    output.line(
      isSame ? `${found.file}: match (${compared})` : `${found.file}: differs in ${found.differing.join(', ')}`,
    );
    if (!isSame) output.remark(mismatchAdvice);
    else if (found.verdict !== null && !found.verdict.startsWith('complete')) {
      output.remark(`The image is as it was archived, but the disc was ${found.verdict}: see ${found.file}.json.`);
    }
  }
  return found.result === 'match' ? exitStatus.ok : exitStatus.failed;
}
