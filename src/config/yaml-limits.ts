import { CST, Lexer } from 'yaml';

/** A hand-written configuration has some hundreds. Beyond it, parsing would hold up everything else. */
const mostTokens = 60_000;
const mostDepth = 32;
/** Tokens of the lexer's own that stand for no text. */
const marks: readonly string[] = [CST.DOCUMENT, CST.FLOW_END, CST.SCALAR];

export interface LimitBroken {
  /** Offset in the text. */
  readonly offset: number;
  readonly message: string;
}

/**
 * Looks at the tokens alone, before anything is built from them, so that a hostile file costs little:
 * at most `mostTokens` of them, and no nesting that could exhaust the stack of the parser proper.
 */
export function checkYamlLimits(text: string): LimitBroken | null {
  let tokens = 0;
  let offset = 0;
  let flow = 0;
  /** `- - - x`: nesting within one line. */
  let indicators = 0;
  /** Columns at which the open blocks begin. */
  const blocks: number[] = [];
  let indent: number | null = 0;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    if (type === 'newline') {
      indicators = 0;
      indent = 0;
    } else if (type === 'space' && indent !== null) {
      indent = token.length;
    } else if (type !== 'comment' && !marks.includes(token) && indent !== null) {
      while ((blocks.at(-1) ?? -1) >= indent) blocks.pop();
      blocks.push(indent);
      indent = null;
    }
    if (type === 'flow-map-start' || type === 'flow-seq-start') flow += 1;
    if (type === 'flow-map-end' || type === 'flow-seq-end') flow -= 1;
    if (type === 'seq-item-ind' || type === 'explicit-key-ind') indicators += 1;
    tokens += 1;
    if (tokens > mostTokens) {
      return { offset, message: 'The file holds more than anyone writes by hand; make it shorter.' };
    }
    if (flow + indicators + blocks.length > mostDepth)
      return { offset, message: `Nested more than ${mostDepth} deep.` };
    if (!marks.includes(token)) offset += token.length;
  }
  return null;
}
