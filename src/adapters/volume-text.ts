/**
 * Text in volume structures. What comes out is untrusted: it may hold control characters, slashes, anything.
 * Blank text is null.
 */
function tidy(text: string): string | null {
  const end = text.indexOf('\0');
  const cut = (end < 0 ? text : text.slice(0, end)).trimEnd();
  return cut.trim() === '' ? null : cut;
}

/** ISO 9660 allows A–Z, 0–9 and _ alone; what people's programs wrote is ASCII, UTF-8 or Latin-1, in that order. */
export function decodeByteText(bytes: Uint8Array): string | null {
  try {
    return tidy(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(trimFill(bytes)));
  } catch (error) {
    // not UTF-8
    if (!(error instanceof TypeError)) throw error;
    return tidy(Buffer.from(bytes).toString('latin1'));
  }
}

/** Cuts at the first zero byte: what follows is fill, or left over from an earlier use of the buffer. */
function trimFill(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** Joliet's UCS-2, big-endian. Lone surrogates become U+FFFD. */
export function decodeUcs2(bytes: Uint8Array): string | null {
  return tidy(new TextDecoder('utf-16be').decode(bytes.subarray(0, bytes.length - (bytes.length % 2))));
}

/** OSTA compressed unicode (UDF 2.60, 2.1.1) in a fixed field whose last byte counts the bytes in use. */
export function decodeDstring(field: Uint8Array): string | null {
  const used = Math.min(field.at(-1) ?? 0, field.length - 1);
  if (used < 2) return null;
  const text = field.subarray(1, used);
  // 254 and 255 mark a deleted name in the same two encodings
  if (field[0] === 8 || field[0] === 254) return tidy(Buffer.from(text).toString('latin1'));
  if (field[0] === 16 || field[0] === 255) return decodeUcs2(text);
  return null;
}
