// A secret does not belong in the configuration, yet someone will write one; then nothing must spread it.
const secretWord = '[\\w-]*(?:pass|passwd|password|passphrase|secret|token|api_?key|credential)';
const secretValue = new RegExp(`(${secretWord}(?:["']\\s*:\\s*|\\s*:\\s+))([^\\s,}\\]][^,}\\]]*)`, 'gi');
const userInfo = /(https?:\/\/)[^\s/@]+@/gi;
// after any scheme, as one mistyped is shown in a problem
const query = /([a-z][a-z0-9+.-]{0,20}:\/\/[^\s?"',}\]]+\?|\burl["']?\s*:\s*["']?[^\s?"',}\]]*\?)[^\s"',}\]]+/gi;

/** A line of a configuration without what looks like a password. */
function maskSecrets(line: string): string {
  return line.replace(secretValue, '$1***').replace(userInfo, '$1***@');
}

/** Also without what stands behind the `?` of an address, which often lets one in. */
export const maskLine = (line: string): string => maskSecrets(line).replace(query, '$1***');

export const secretAbove = new RegExp(`${secretWord}["']?\\s*:\\s*[|>]?[-+0-9]*\\s*$`, 'i');
