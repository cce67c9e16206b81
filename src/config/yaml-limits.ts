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
  let depth = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(text)) {
    switch (CST.tokenType(token)) {
      case 'flow-map-start':
      case 'flow-seq-start':
        depth += 1;
        break;
      case 'flow-map-end':
      case 'flow-seq-end':
        depth -= 1;
        break;
      case 'seq-item-ind':
      case 'explicit-key-ind':
        indicators += 1;
        break;
      case 'newline':
        indicators = 0;
        break;
      default:
    }
    tokens += 1;
    if (tokens > mostTokens)
      return { offset, message: 'The file holds more than anyone writes by hand; make it shorter.' };
    if (depth + indicators > mostDepth) return { offset, message: `Nested more than ${mostDepth} deep.` };
    if (!marks.includes(token)) offset += token.length;
  }
  return null;
}
