import { createHash } from 'node:crypto';

/** What identifies one labelled image. */
export interface FingerprintEntry {
  readonly id: string;
  readonly className: string;
  /** `undefined` where the file was not read; its length stands in for its content then. */
  readonly contentHash: string | undefined;
  readonly bytes: number;
}

/**
 * The data fingerprint: SHA-256 over a line `id NUL class NUL content hash LF` per image, in
 * code-unit order of the ids. It changes when an image is added, removed, renamed, relabelled or
 * altered, and with nothing else.
 */
export function dataFingerprint(entries: Iterable<FingerprintEntry>): string {
  const hash = createHash('sha256');
  for (const { id, className, contentHash, bytes } of [...entries].toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    hash.update(`${id}\0${className}\0${contentHash ?? `unread:${bytes}`}\n`);
  }
  return hash.digest('hex');
}
