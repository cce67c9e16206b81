import { Command } from 'commander';
import { algorithms } from '../core/checksum.js';
import { formatBytes } from '../core/describe-event.js';
import type { ArchiveShape, ArchivesShape, StraysShape, VerificationShape } from './api-shapes.js';
import { type Action, bindAction, type CliRun, type GlobalOptions } from './cli-context.js';
import { exitStatus } from './cli-error.js';
import { formatTime } from './format-time.js';
import { badRangeFacts, paintVerdict } from './job-view.js';
import { moreText, type PageOptions, withPageOptions } from './list-options.js';
import type { Output } from './output.js';
import type { Column } from './table.js';

export function archivesCommand(run: CliRun): Command {
  const list = withPageOptions(
    new Command('list').description('archives, newest first (what `archives` alone does)'),
  ).option('--strays', 'files in the library that belong to no archive instead');
  const show = new Command('show').description('all that is known of an archive').argument('<id>');
  const command = new Command('archives')
    .description('list, show, pin, unpin and restore finished images')
    .addCommand(bindAction<ListOptions>(run, list, listArchives), { isDefault: true })
    .addCommand(bindAction(run, show, showOne));
  for (const [word, description] of changes) {
    const one = new Command(word).description(description).argument('<id>');
    command.addCommand(bindAction(run, one, changeArchive(word)));
  }
  return command;
}

const changes = [
  ['pin', 'keep an image whatever `retention` says; from the trash it comes back'],
  ['unpin', 'leave an image to `retention` again'],
  ['restore', 'bring an image back from the trash'],
] as const;

function changeArchive(word: (typeof changes)[number][0]): Action<object> {
  return async ({ output, client }, [id]) => {
    const path = `/api/v1/archives/${encodeURIComponent(id ?? '')}/${word}`;
    const archive = (await (await client()).call(path, { method: 'POST' })) as ArchiveShape;
    if (output.isJson) output.json(archive);
    else output.line(`${archive.filename}: ${word === 'restore' ? `restored to ${archive.path}` : `${word}ned`}`);
    return exitStatus.ok;
  };
}

interface ListOptions extends PageOptions, GlobalOptions {
  readonly strays?: true;
}

const listStrays: Action<object> = async ({ output, client }) => {
  const answer = (await (await client()).call('/api/v1/system/strays')) as StraysShape;
  const { count, paths } = answer;
  if (output.isJson) output.json(answer);
  else if (count === null)
    output.remark('The library has not been looked through since the daemon started; ask again.');
  else if (count === 0) output.remark('Every file in the library belongs to an archive.');
  else {
    for (const path of paths) output.line(path);
    if (count > paths.length) output.remark(`The first ${paths.length} of ${count}.`);
  }
  return exitStatus.ok;
};

const listArchives: Action<ListOptions> = async (context, words, options) => {
  if (options.strays === true) return listStrays(context, words, options);
  const { output, client } = context;
  const { limit, offset } = options;
  const query = new URLSearchParams({ limit: String(limit), offset: String(offset) });
  const answer = (await (await client()).call(`/api/v1/archives?${query}`)) as ArchivesShape;
  if (output.isJson) {
    output.json(answer);
    return exitStatus.ok;
  }
  if (answer.archives.length === 0) output.remark('There is no archive here yet.');
  else output.table(answer.archives, archiveColumns(output));
  const more = moreText(answer.archives.length, answer.offset, answer.total);
  if (more !== null) output.remark(more);
  return exitStatus.ok;
};

const showOne: Action<object> = async ({ output, client }, [id]) => {
  const archive = (await (await client()).call(`/api/v1/archives/${encodeURIComponent(id ?? '')}`)) as ArchiveShape;
  if (output.isJson) output.json(archive);
  else showArchive(output, archive);
  return exitStatus.ok;
};

function archiveColumns(output: Output): Column<ArchiveShape>[] {
  return [
    { title: 'ID', text: (archive) => archive.id },
    { title: 'FILE', text: (archive) => archive.filename, flexible: true },
    { title: 'MEDIUM', text: (archive) => archive.media },
    { title: 'SIZE', text: (archive) => formatBytes(archive.size_bytes), align: 'right' },
    {
      title: 'VERDICT',
      text: (archive) => archive.verdict,
      paint: (archive, text) => paintVerdict(output, archive.verdict, text),
    },
    { title: 'VERIFIED', text: ({ verification }) => verification?.result ?? 'never' },
    { title: 'CREATED', text: (archive) => formatTime(archive.created_at) },
    {
      title: 'KEPT',
      text: ({ pinned, trashed }) =>
        trashed === null ? (pinned ? 'pinned' : '') : `in the trash until ${formatTime(trashed.purge_at)}`,
    },
  ];
}

function showArchive(output: Output, archive: ArchiveShape): void {
  const { provenance } = archive;
  const model = [provenance.vendor, provenance.model].filter((part) => part !== null && part !== '').join(' ');
  output.facts([
    ['Archive', archive.id],
    ['Image', archive.path],
    ['Label', archive.metadata.label],
    ['Medium', archive.media],
    ['Size', `${formatBytes(archive.size_bytes)} (${archive.size_bytes} bytes)`],
    ['Verdict', archive.verdict],
    ...badRangeFacts(archive.bad_bytes, archive.bad_ranges),
    ...algorithms.map((name): [string, string | null] => [name, archive.checksums[name] ?? null]),
    ['Verified', describeVerification(archive.verification)],
    ['Drive', model === '' ? provenance.device : `${provenance.device} (${model})`],
    ['Source', provenance.source_name],
    ['Read by', `ddrescue ${provenance.ddrescue_version}`],
    ['Rule', provenance.rule],
    ['Continues', provenance.continues],
    ['Superseded', archive.superseded_by],
    ['Pinned', archive.pinned ? 'yes' : null],
    ['Trash', describeTrash(archive)],
    ['Tags', archive.metadata.tags.join(', ') || null],
    ['Notes', archive.metadata.notes],
    ['Job', archive.job_id],
    ['Created', formatTime(archive.created_at)],
  ]);
}

function describeTrash({ trashed }: ArchiveShape): string | null {
  if (trashed === null) return null;
  return `since ${formatTime(trashed.at)} by ${trashed.rule}, until ${formatTime(trashed.purge_at)}`;
}

export function describeVerification(verification: VerificationShape | null): string {
  if (verification === null) return 'never';
  const differing = verification.algorithms.length === 0 ? '' : ` in ${verification.algorithms.join(', ')}`;
  return `${verification.result}${differing}, ${formatTime(verification.at)}`;
}
