import { printable } from '../core/printable.js';

const secretKey =
  /^(?:.*[_-])?(?:pass(?:word|wd|phrase)?|secret|token|authorization|cookie|credentials?|api[_-]?key)$/i;
/** `user:password@` in an address. */
const userInfo = /(\/\/)[^/\s@:]*:[^/\s@]*@/g;
const deepest = 6;
const mostItems = 100;

/** Fields of a log line as they may be written: no secrets under known names, no control characters, bounded. */
export function redactFields(fields: object): Record<string, unknown> {
  return redactEntries(fields, 0);
}

function redactEntries(value: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, mostItems)
      .map(([key, inner]) => [printable(key, 100), isSecret(key) ? '[redacted]' : redact(inner, depth + 1)]),
  );
}

/** `smtpPassword` and `api_key` as well as `password`. */
const isSecret = (key: string): boolean => secretKey.test(key.replace(/([a-z])([A-Z])/g, '$1_$2'));

function redact(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return '…';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Set || value instanceof Map) return redact([...value], depth);
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (Array.isArray(value)) return value.slice(0, mostItems).map((one) => redact(one, depth + 1));
  return redactEntries(value, depth);
}

/** An expected failure says all in its message; a stack is for bugs. */
function redactError(error: Error, depth: number): Record<string, unknown> {
  const stack = error.name === 'Fault' ? [] : (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    message: redactText(error.message),
    ...('code' in error ? { code: redact(error.code, depth + 1) } : {}),
    ...(stack.length > 0 ? { stack: stack.slice(0, 20).map((line) => redactText(line.trim())) } : {}),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}

/** One line without control characters, and without passwords in addresses. */
export const redactText = (text: string): string => printable(text.replace(userInfo, '$1[redacted]@'), 2000);
