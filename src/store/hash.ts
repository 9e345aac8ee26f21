import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** SHA-256, in hexadecimal, of a value's canonical JSON (RFC 8785): the same content, the same hash, on every machine. */
export function hashOf(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) {
    throw new Error('a hash needs a JSON value');
  }
  return createHash('sha256').update(text).digest('hex');
}
