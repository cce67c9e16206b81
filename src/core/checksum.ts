export const algorithms = ['md5', 'sha1', 'sha256', 'sha512', 'blake2b512'] as const;
export type Algorithm = (typeof algorithms)[number];

/** Lower-case hexadecimal digests of a whole image, by algorithm. */
export type Checksums = { readonly [A in Algorithm]?: string };

/** The algorithms in which the two differ; those that only one has are not compared. */
export function differingAlgorithms(a: Checksums, b: Checksums): Algorithm[] {
  return algorithms.filter((name) => a[name] !== undefined && b[name] !== undefined && a[name] !== b[name]);
}
