import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What decodes the images, drives the timed loop and reads the host: another version may tell other numbers. */
const MEASURING = ['sharp', 'systeminformation', 'tinybench'] as const;

/** The installed versions of the packages that a measurement goes through, by name. */
export function measuringPackages(): Record<string, string> {
  return Object.fromEntries(MEASURING.map((name) => [name, versionOf(name)]));
}

/** Most packages do not export their package.json, so it is looked for above what they do export. */
function versionOf(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.resolve(name)));
  for (let above = dirname(folder); above !== folder; folder = above, above = dirname(folder)) {
    const found = readManifest(join(folder, 'package.json'));
    if (found?.name === name && found.version !== undefined) {
      return found.version;
    }
  }
  return 'unknown';
}

function readManifest(path: string): { readonly name?: string; readonly version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string };
  } catch {
    return undefined;
  }
}
