import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JOURNALS, LatencyJournal, type JournalContent } from './journal.ts';

/** A measurement that was begun and has no record yet: interrupted, or under way in another process. */
export interface Unfinished {
  /** Below the store: `.partial/CANDIDATE-KEY`. */
  readonly name: string;
  readonly candidateId: string;
  readonly benchmarkKey: string;
  readonly content: JournalContent;
  /** When it was last written to, in ms since 1970. */
  readonly touchedAt: number;
}

/** The journals of a store, by name; what is none of ours is passed over. */
export async function listUnfinished(runsDir: string): Promise<Unfinished[]> {
  const unfinished: Unfinished[] = [];
  const folders: string[] = await readdir(join(runsDir, JOURNALS)).catch(() => []);
  for (const folder of folders.toSorted()) {
    const [, candidateId, benchmarkKey] = /^([A-Za-z0-9][A-Za-z0-9._-]*)-([0-9a-f]{64})$/.exec(folder) ?? [];
    if (candidateId !== undefined && benchmarkKey !== undefined) {
      const name = join(JOURNALS, folder);
      const content = await new LatencyJournal(runsDir, candidateId, benchmarkKey).read();
      unfinished.push({ name, candidateId, benchmarkKey, content, touchedAt: await lastTouched(join(runsDir, name)) });
    }
  }
  return unfinished;
}

/** What cannot be looked at counts as touched now: of what cannot be reached nobody knows that it rests. */
async function lastTouched(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const paths = [folder, ...names.map((name) => join(folder, name))];
  const times = await Promise.all(
    paths.map(
      async (path) =>
        await stat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => Date.now(),
        ),
    ),
  );
  return Math.max(...times);
}
