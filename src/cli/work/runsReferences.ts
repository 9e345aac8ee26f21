import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BeltbenchError, reasonOf } from '../../shared/errors.ts';
import { readJsonFile } from '../../store/jsonFile.ts';

const MAX_REPORT_BYTES = 64 * 1024 * 1024;

/** Which reports name which records. */
export interface References {
  /** By record id, the reports as `STORY/decision.json`. */
  readonly reportsOf: ReadonlyMap<string, readonly string[]>;
  /** One line per report that cannot be read: which records it names is not known. */
  readonly problems: readonly string[];
}

/**
 * Reads every JSON file of every story's folder: decisions, comparisons, plans, whatever names a record
 * by its id.
 */
export async function readReferences(
  reportsDir: string,
  runsDir: string,
  recordIds: Iterable<string>,
): Promise<References> {
  const known = new Set(recordIds);
  const reportsOf = new Map<string, string[]>();
  const problems: string[] = [];
  for (const name of await reportFiles(reportsDir, basename(runsDir), problems)) {
    try {
      const content = await readJsonFile(join(reportsDir, name), MAX_REPORT_BYTES);
      for (const id of new Set(textsIn(content).filter((text) => known.has(text)))) {
        reportsOf.set(id, [...(reportsOf.get(id) ?? []), name]);
      }
    } catch (thrown) {
      if (!(thrown instanceof BeltbenchError)) {
        throw thrown;
      }
      problems.push(thrown.message);
    }
  }
  return { reportsOf, problems };
}

async function reportFiles(reportsDir: string, store: string, problems: string[]): Promise<string[]> {
  const files: string[] = [];
  const folders: string[] = await readdir(reportsDir).catch(() => []);
  for (const folder of folders.toSorted()) {
    if (folder === store || folder.startsWith('.')) {
      continue;
    }
    try {
      const names = (await readdir(join(reportsDir, folder))).filter((name) => name.endsWith('.json'));
      files.push(...names.toSorted().map((name) => join(folder, name)));
    } catch (thrown) {
      // A file beside the stories' folders is no report.
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOTDIR')) {
        problems.push(`${join(reportsDir, folder)} cannot be read: ${reasonOf(thrown)}`);
      }
    }
  }
  return files;
}

/** Every text of a JSON value, however deep; a recursion could be made to overflow. */
function textsIn(content: unknown): string[] {
  const texts: string[] = [];
  const open: unknown[] = [content];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') {
      texts.push(value);
    } else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) {
        open.push(inner);
      }
    }
  }
  return texts;
}
