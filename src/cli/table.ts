import { printable } from '../core/printable.js';
import { cutToWidth, displayWidth } from './display-width.js';

export interface Column<Row> {
  readonly title: string;
  /** Untrusted text is welcome. */
  readonly text: (row: Row) => string;
  readonly align?: 'right';
  /** May be cut where the terminal is too narrow. */
  readonly flexible?: true;
  readonly paint?: (row: Row, text: string) => string;
}

const gap = '  ';
const narrowest = 8;

/** Aligned lines under a line of titles. `columns`: width of the terminal, or null where nothing is to be cut. */
export function formatTable<Row>(
  rows: readonly Row[],
  layout: readonly Column<Row>[],
  columns: number | null,
): string[] {
  const cells = rows.map((row) => layout.map((column) => printable(column.text(row)) || '-'));
  const widths = fitWidths(
    layout.map((column, index) =>
      Math.max(displayWidth(column.title), ...cells.map((line) => displayWidth(line[index] ?? ''))),
    ),
    layout,
    columns,
  );
  const formatLine = (texts: readonly string[], row: Row | null): string =>
    layout
      .map((column, index) => {
        const text = cutToWidth(texts[index] ?? '', widths[index] ?? 0);
        const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(text)));
        const shown = row !== null && column.paint !== undefined ? column.paint(row, text) : text;
        return column.align === 'right' ? padding + shown : shown + padding;
      })
      .join(gap)
      .trimEnd();
  const titles = layout.map((column) => column.title);
  return [formatLine(titles, null), ...rows.map((row, index) => formatLine(cells[index] ?? [], row))];
}

/** Takes what is too wide from the widest flexible column, one by one, until it fits or nothing more can be taken. */
function fitWidths<Row>(natural: readonly number[], layout: readonly Column<Row>[], columns: number | null): number[] {
  const widths = [...natural];
  if (columns === null) return widths;
  let excess = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1) - columns;
  while (excess > 0) {
    const flexible = widths.map((width, index) => (layout[index]?.flexible === true ? width : 0));
    const widest = Math.max(...flexible);
    if (widest <= narrowest) break;
    widths[flexible.indexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
}
