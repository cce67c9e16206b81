export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly line: number; readonly column: number; readonly message: string };

/** Length of the longest prefix that is UTF-8, found by halving: a decoder that fails does not say where. */
function validPrefix(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      // `stream`: a character cut in two at the end is no error
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}

function placeAt(text: string): { line: number; column: number } {
  const lines = text.split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** Bytes to text: UTF-8 with or without a byte-order mark. Line ends stay as they are. */
export function decodeText(bytes: Uint8Array): Decoded {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { ok: false, line: 1, column: 1, message: 'The file is UTF-16; save it as UTF-8.' };
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const prefix = validPrefix(bytes);
    const place = placeAt(new TextDecoder('utf-8').decode(bytes.subarray(0, prefix)));
    const byte = bytes[prefix]?.toString(16).padStart(2, '0') ?? '';
    return { ok: false, ...place, message: `Byte 0x${byte} is not UTF-8; save the file as UTF-8.` };
  }
  const nul = text.indexOf('\0');
  if (nul !== -1) {
    return { ok: false, ...placeAt(text.slice(0, nul)), message: 'The file holds a NUL byte: it is no text file.' };
  }
  return { ok: true, text };
}
