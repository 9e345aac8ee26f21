import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { asKnown, isMissing, reasonOf } from '../../shared/errors.ts';
import { readJsonFile } from '../../store/jsonFile.ts';

const MAX_REPORT_BYTES = 64 * 1024 * 1024;
/** Bounds far above any folder of reports; what lies beyond them is said. */
const MOST_DEEP = 8;
const MOST_REPORTS = 10_000;

/** Which reports name which records. */
export interface References {
  /** By record id, the reports as `STORY/decision.json`, a path below the reports' folder. */
  readonly reportsOf: ReadonlyMap<string, readonly string[]>;
  /** One line per report or folder that cannot be read, with the way out: which records it names is not known. */
  readonly problems: readonly string[];
}

/**
 * Reads every JSON file of the reports' folder, up to eight folders deep: decisions, comparisons, plans,
 * whatever names a record by its id. The store itself and hidden folders are left out.
 */
export async function readReferences(
  reportsDir: string,
  runsDir: string,
  recordIds: Iterable<string>,
): Promise<References> {
  const known = new Set(recordIds);
  const reportsOf = new Map<string, string[]>();
  const { files, problems } = await findReports(reportsDir, runsDir);
  const wayOut = `repair that file, or move it out of ${reportsDir}`;
  for (const name of files) {
    try {
      const content = await readJsonFile(join(reportsDir, name), MAX_REPORT_BYTES, wayOut);
      if (content === undefined) {
        problems.push(`${join(reportsDir, name)} was taken away while the reports were read; run again`);
      }
      for (const id of new Set(textsIn(content).filter((text) => known.has(text)))) {
        reportsOf.set(id, [...(reportsOf.get(id) ?? []), name]);
      }
    } catch (thrown) {
      problems.push(asKnown(thrown).message);
    }
  }
  return { reportsOf, problems };
}

/** The JSON files below the reports' folder, in the order of their names. */
async function findReports(reportsDir: string, runsDir: string): Promise<{ files: string[]; problems: string[] }> {
  const files: string[] = [];
  const problems: string[] = [];
  // A link may lead to the store, or around in a circle.
  const seen = new Set([await realpath(runsDir).catch(() => runsDir)]);
  const open = [''];
  for (const folder of open) {
    const path = join(reportsDir, folder);
    try {
      const real = await realpath(path);
      if (seen.has(real)) {
        continue;
      }
      seen.add(real);
      const problem = tooMuch(folder, files.length);
      if (problem !== undefined) {
        problems.push(`${path} is not looked through: ${problem}; move it out of ${reportsDir}`);
        continue;
      }
      for (const entry of await readdir(path, { withFileTypes: true })) {
        const name = join(folder, entry.name);
        const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await mayBeFolder(join(path, entry.name))));
        if (isFolder && !entry.name.startsWith('.')) {
          open.push(name);
        } else if (!isFolder && entry.name.endsWith('.json')) {
          files.push(name);
        }
      }
    } catch (thrown) {
      const isNoneYet = folder === '' && isMissing(thrown);
      if (!isNoneYet) {
        problems.push(`${path} cannot be read: ${reasonOf(thrown)}; make it readable, or move it out of ${reportsDir}`);
      }
    }
  }
  return { files: files.toSorted(), problems };
}

function tooMuch(folder: string, files: number): string | undefined {
  if (folder.split(sep).length > MOST_DEEP) {
    return `reports lie at most ${MOST_DEEP} folders deep`;
  }
  return files > MOST_REPORTS ? `more than ${MOST_REPORTS} JSON files lie beside it` : undefined;
}

/** What a link leads to that cannot be reached may be a folder of reports, unless the link is called like a file. */
async function mayBeFolder(link: string): Promise<boolean> {
  return await stat(link).then(
    (info) => info.isDirectory(),
    () => !link.endsWith('.json'),
  );
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
