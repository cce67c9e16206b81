import { printable } from '../../core/printable.js';

/** Text that is HTML already. Made only by `html`, so whatever else gets into a page is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlPart = Html | string | number | null | readonly Html[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control and bidirectional marks become visible, wherever a text stands. */
function escapeHtml(text: string): string {
  return printable(text, 2000).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

function partText(part: HtmlPart): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map((one) => one.text).join('');
  return escapeHtml(String(part));
}

/** The one way to HTML here: every value is escaped, for text and for quoted attributes. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.reduce((text, string, i) => text + partText(parts[i - 1] ?? null) + string));
}

/** Text from a disc, cut to a length that fits, and kept from turning the text around it. */
export const untrusted = (text: string): Html => html`<bdi>${printable(text, 300)}</bdi>`;
