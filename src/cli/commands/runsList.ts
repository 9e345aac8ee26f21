import { dirname } from 'node:path';
import { groupBy } from '../../decide/tracked/grouping.ts';
import { countOf, formatAtLeast, formatMs, formatShare, shortHash } from '../../shared/units.ts';
import type { CommonArgs, Io, Outcome } from '../io.ts';
import { printable } from '../printable.ts';
import { renderTable } from '../tables.ts';
import { entryOf, entryOfUnfinished, type RunEntry } from '../work/runsEntries.ts';
import { readReferences } from '../work/runsReferences.ts';
import { openStore } from '../work/runsStore.ts';

/** More lines than this help nobody; `--all` and `--json` give them. */
const SHOWN = 50;

export interface RunsListArgs extends CommonArgs {
  readonly kind: RunEntry['kind'] | undefined;
  readonly all: boolean;
}

/** `beltbench runs list`: what the store holds, the newest last. */
export async function runRunsList(args: RunsListArgs, io: Io): Promise<Outcome> {
  const { study, store, records, unreadable, unfinished } = await openStore(args);
  const ids = records.map(({ record_id: id }) => id);
  const { reportsOf, problems } = await readReferences(study.reportsDir, store.dir, ids);
  const entries = [...records.map(entryOf), ...unfinished.map(entryOfUnfinished)]
    .filter(({ kind }) => args.kind === undefined || kind === args.kind)
    .map((entry) => ({ ...entry, used_by: reportsOf.get(entry.record_id ?? '') ?? [] }));
  const leftOut = unreadable.map(({ name, problem }) => `${JSON.stringify(name)} is left out: ${problem}`);
  for (const note of args.quiet ? [] : [...leftOut, ...problems]) {
    io.stderr(`note: ${printable(note)}\n`);
  }
  return {
    document: { command: 'runs list', store: store.dir, runs: entries, unreadable },
    text: describe(entries, args.all),
    exitCode: 0,
  };
}

type ListedRun = RunEntry & {
  /** The reports that name it. */
  readonly used_by: readonly string[];
};

function describe(entries: readonly ListedRun[], all: boolean): string {
  if (entries.length === 0) {
    return 'no run is stored yet; `beltbench run` makes them\n';
  }
  const shown = all ? entries : entries.slice(-SHOWN);
  const older = entries.length - shown.length;
  const head = ['kind', 'candidate', 'key', 'started', 'status', 'result', 'used by', 'id'];
  return `${renderTable(head, shown.map(cellsWith(keysOf(entries))))}${countOf(entries.length, 'run')}${older > 0 ? `, ${countOf(older, 'older one')} not shown (--all)` : ''}\n`;
}

/** Keys as people see them: 12 characters, and all of them where two keys share these. */
function keysOf(entries: readonly ListedRun[]): (key: string) => string {
  const keys = [...new Set(entries.map(({ key }) => key))];
  const byShort = groupBy(keys, shortHash);
  return (key) => (byShort.get(shortHash(key))?.length === 1 ? shortHash(key) : key);
}

function cellsWith(shownKey: (key: string) => string): (entry: ListedRun) => string[] {
  return (entry) => [
    entry.kind,
    entry.candidate,
    shownKey(entry.key),
    entry.started_at ?? 'not yet',
    entry.status,
    resultOf(entry),
    [...new Set(entry.used_by.map(dirname))].join(', '),
    entry.record_id ?? '',
  ];
}

/** What came out of a run, in a few words. */
export function resultOf(entry: RunEntry): string {
  if (entry.failure !== null) {
    return entry.failure.length > 60 ? `${entry.failure.slice(0, 60)}...` : entry.failure;
  }
  if (entry.rounds !== null) {
    return `${countOf(entry.rounds, 'round')} so far`;
  }
  switch (entry.kind) {
    case 'latency':
      return `mean ${formatMs(entry.mean_ms)}, p50 ${formatMs(entry.p50_ms)}`;
    case 'evaluation':
      return `accuracy ${formatShare(entry.accuracy)} of ${countOf(entry.images ?? 0, 'image')}`;
    case 'sweep':
      return entry.recall_at_least === null
        ? 'NOT ENOUGH DATA'
        : `recall at least ${formatAtLeast(entry.recall_at_least)}`;
  }
}
