/** Names and texts of the files of one configuration; names count from the main file's folder. */
export type Texts = ReadonlyMap<string, string>;

const context = 3;
/** Cells of the table that finds what two texts share: beyond it, the middle counts as rewritten. */
const mostCells = 4_000_000;

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** What changed between two configurations as a unified diff that `git apply` and `patch -p1` take; '' for nothing. */
export function unifiedDiff(before: Texts, after: Texts): string {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.map((name) => diffFile(name, before.get(name) ?? null, after.get(name) ?? null)).join('');
}

/** What an edit changes in the files that are there: it makes none, and one that is taken in anew is as it was. */
export function editDiff(before: Texts, after: Texts): string {
  const both = (texts: Texts): Texts => new Map([...texts].filter(([name]) => before.has(name) && after.has(name)));
  return unifiedDiff(both(before), both(after));
}

function diffFile(name: string, before: string | null, after: string | null): string {
  if (before === after) return '';
  const old = before === null ? '/dev/null' : `a/${name}`;
  const next = after === null ? '/dev/null' : `b/${name}`;
  return `--- ${old}\n+++ ${next}\n${hunks(diffLines(linesOf(before ?? ''), linesOf(after ?? '')))}`;
}

/** The last line keeps its missing end, as diff(1) says it. */
function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop();
  return last === '' || last === undefined ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

function diffLines(a: readonly string[], b: readonly string[]): Line[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (text: string): Line => ({ mark: ' ', text });
  return [
    ...a.slice(0, start).map(same),
    ...diffMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

/** By the longest common subsequence; the texts are short. */
function diffMiddle(a: readonly string[], b: readonly string[]): Line[] {
  const width = b.length + 1;
  if ((a.length + 1) * width > mostCells) {
    return [...a.map((text) => ({ mark: '-', text }) as const), ...b.map((text) => ({ mark: '+', text }) as const)];
  }
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [one, other] = [a[i], b[j]];
    if (one !== undefined && one === other) {
      lines.push({ mark: ' ', text: one });
      i += 1;
      j += 1;
    } else if (one !== undefined && (other === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ mark: '-', text: one });
      i += 1;
    } else if (other !== undefined) {
      lines.push({ mark: '+', text: other });
      j += 1;
    }
  }
  return lines;
}

function hunks(lines: readonly Line[]): string {
  const changed = lines.flatMap(({ mark }, index) => (mark === ' ' ? [] : [index]));
  let text = '';
  let from = 0;
  let [oldLine, newLine] = [1, 1];
  let next = 0;
  while (next < changed.length) {
    const start = Math.max(from, (changed[next] ?? 0) - context);
    let end = (changed[next] ?? 0) + context + 1;
    next += 1;
    while (next < changed.length && (changed[next] ?? 0) - context <= end) {
      end = (changed[next] ?? 0) + context + 1;
      next += 1;
    }
    oldLine += start - from;
    newLine += start - from;
    const part = lines.slice(start, end);
    const olds = part.filter((line) => line.mark !== '+').length;
    const news = part.filter((line) => line.mark !== '-').length;
    const place = (line: number, count: number) => `${count === 0 ? line - 1 : line},${count}`;
    text += `@@ -${place(oldLine, olds)} +${place(newLine, news)} @@\n`;
    text += part.map((line) => `${line.mark}${line.text}\n`).join('');
    oldLine += olds;
    newLine += news;
    from = Math.min(end, lines.length);
  }
  return text;
}
