import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

// Caches: a hash on the first line, one JSON value on the second. The hash tells a file that we wrote
// from one that was cut short or changed, so that the value need not be validated again.

/** The value of a sealed file; `undefined` where there is none, or the seal is broken. */
export async function readSealed(path: string, maxBytes: number): Promise<unknown> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isFile() || info.size > maxBytes) {
    return undefined;
  }
  const [seal = '', value = ''] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
  return seal !== '' && seal === sealOf(value) ? JSON.parse(value) : undefined;
}

/**
 * Writes a value under its seal, whole or not at all. Best effort: a cache that cannot be written is
 * no error.
 *
 * @returns whether it was written
 */
export async function writeSealed(path: string, value: unknown): Promise<boolean> {
  // Loaded here only: whoever merely reads does not wait for it.
  const { writeAtomic } = await import('./atomicFile.ts');
  const text = JSON.stringify(value);
  return await writeAtomic(path, `${sealOf(text)}\n${text}\n`).then(
    () => true,
    () => false,
  );
}

function sealOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
