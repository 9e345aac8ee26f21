import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { groupBy } from '../../decide/tracked/grouping.ts';
import { countOf } from '../../shared/units.ts';
import type { AnyRecord } from '../../store/parseRecord.ts';
import { RAW_FILE_NAMES, type UnreadableFolder } from '../../store/store.ts';
import type { Unfinished } from '../../store/unfinished.ts';
import { RESTS_AT_MOST_MS } from './interrupted.ts';
import { isRecordId, trialRecordName } from './recordNames.ts';
import { candidateOf, groupOf } from './runsEntries.ts';
import type { References } from './runsReferences.ts';

/** What `runs gc` may be asked for beyond what is broken. */
export interface GcRules {
  /** How many finished records of one key stay; `undefined`: all. */
  readonly keep: number | undefined;
  /** Whether records go that no candidate of the study refers to. */
  readonly unused: boolean;
}

export interface GcInput extends GcRules {
  readonly runsDir: string;
  /** Oldest first. */
  readonly records: readonly AnyRecord[];
  readonly unreadable: readonly UnreadableFolder[];
  readonly unfinished: readonly Unfinished[];
  readonly leftovers: readonly string[];
  readonly references: References;
  /** The study's candidates, and the SHA-256 of their model files as far as they are there. */
  readonly candidates: ReadonlySet<string>;
  readonly models: ReadonlySet<string>;
  /** What `--only` names. */
  readonly named: ReadonlySet<string>;
}

/** A folder of the store that goes, or that could but stays. */
export interface GcFolder {
  /** Below the store. */
  readonly name: string;
  readonly what: 'leftover' | 'interrupted' | 'unreadable' | 'superseded' | 'unused';
  readonly goes: boolean;
  /** Why it goes or stays. */
  readonly reason: string;
}

/** What goes, and what only a rule that protects it keeps. Nothing that a report names ever goes. */
export async function planGc(input: GcInput): Promise<GcFolder[]> {
  const folders = [
    ...input.leftovers.map((name) => may(name, 'leftover', 'half-written by a process that has ended')),
    ...(await Promise.all(input.unreadable.map(async (folder) => await judgeUnreadable(input.runsDir, folder)))),
    ...input.unfinished.map(judgeUnfinished),
    ...withSweeps([...supersededRecords(input), ...unusedRecords(input)], input),
  ];
  const byName = new Map<string, GcFolder>();
  for (const folder of folders) {
    const reports = input.references.reportsOf.get(folder.name);
    const judged = reports === undefined ? folder : stays(folder, `${reports.join(', ')} refers to it`);
    // Of several reasons the first is told.
    byName.set(folder.name, byName.get(folder.name) ?? judged);
  }
  return [...byName.values()];
}

function may(name: string, what: GcFolder['what'], reason: string): GcFolder {
  return { name, what, goes: true, reason };
}

function stays({ name, what }: Pick<GcFolder, 'name' | 'what'>, reason: string): GcFolder {
  return { name, what, goes: false, reason };
}

function judgeUnfinished({ name, content, touchedAt }: Unfinished): GcFolder {
  const rounds = `a measurement of ${countOf(content.rounds.length, 'round')} so far`;
  return Date.now() - touchedAt > RESTS_AT_MOST_MS
    ? may(name, 'interrupted', `${rounds}, untouched for a day`)
    : stays(
        { name, what: 'interrupted' },
        `${rounds}, touched within a day: it may be under way, and \`beltbench measure\` goes on from it`,
      );
}

/** Only what beltbench wrote goes, under the name that it gave, and only where it is broken for good. */
async function judgeUnreadable(runsDir: string, { name, problem, damaged }: UnreadableFolder): Promise<GcFolder> {
  if (!damaged) {
    return stays({ name, what: 'unreadable' }, problem);
  }
  if (!isRecordId(name)) {
    return stays({ name, what: 'unreadable' }, `${problem}; its name is not one that beltbench gives`);
  }
  const files = await readdir(join(runsDir, name)).catch(() => undefined);
  if (files === undefined) {
    return stays({ name, what: 'unreadable' }, 'it cannot be opened');
  }
  const strange = files.find((file) => file !== 'record.json' && !RAW_FILE_NAMES.includes(file));
  return strange === undefined
    ? may(name, 'unreadable', problem)
    : stays({ name, what: 'unreadable' }, `it holds ${JSON.stringify(strange)}, which is not beltbench's`);
}

/** Of each key the finished records before the newest ones, and the failed ones that a later one made up for. */
function supersededRecords({ records, keep }: GcInput): GcFolder[] {
  if (keep === undefined) {
    return [];
  }
  const reason = `${countOf(keep, 'newer run')} of its key ${keep === 1 ? 'stays' : 'stay'}`;
  return [...groupBy(records, groupOf).values()].flatMap((own) => {
    const finished = own.filter(isFinished);
    const old = finished.slice(0, Math.max(0, finished.length - keep));
    const failed = own.slice(0, own.findLastIndex(isFinished) + 1).filter((record) => !isFinished(record));
    return [
      ...old.map((record) => may(record.record_id, 'superseded', reason)),
      ...failed.map((record) => may(record.record_id, 'superseded', 'it failed, and a later run of its key finished')),
    ];
  });
}

function isFinished(record: AnyRecord): boolean {
  return record.schema === 'beltbench/sweep' || record.status === 'finished';
}

/** A sweep says nothing without the predictions it is of. */
function withSweeps(going: readonly GcFolder[], { records, references }: GcInput): GcFolder[] {
  const gone = new Set(going.flatMap(({ name, goes }) => (goes && !references.reportsOf.has(name) ? [name] : [])));
  const sweeps = records.flatMap((record) =>
    record.schema === 'beltbench/sweep' && gone.has(record.sweep.evaluation_record_id)
      ? [may(record.record_id, 'superseded', 'its evaluation goes')]
      : [],
  );
  return [...going, ...sweeps];
}

/** Neither by its name nor by its model file a record of the study's candidates: reuse goes by the file. */
function unusedRecords({ records, unused, candidates, models, named }: GcInput): GcFolder[] {
  if (!unused) {
    return [];
  }
  const own = (record: AnyRecord): boolean => candidates.has(candidateOf(record));
  const known = new Set([...models, ...records.filter(own).flatMap((record) => modelOf(record) ?? [])]);
  const used = new Set(
    records.filter((record) => own(record) || known.has(modelOf(record) ?? '')).map(({ record_id: id }) => id),
  );
  return records
    .filter((record) => !used.has(record.record_id))
    .filter((record) => record.schema !== 'beltbench/sweep' || !used.has(record.sweep.evaluation_record_id))
    .map((record) => {
      const candidate = candidateOf(record);
      return isOfTrial(record) && !named.has(candidate)
        ? stays(
            { name: record.record_id, what: 'unused' },
            `it is of a search's trial, whose benchmark.json may rest on it; add --only ${candidate} to remove it`,
          )
        : may(record.record_id, 'unused', `no candidate of the study is called ${candidate} or has its model file`);
    });
}

/** Whether `measure --hpo` made it, whose trials are no candidates of the study. */
function isOfTrial(record: AnyRecord): boolean {
  return (
    record.schema === 'beltbench/latency' && record.candidate_id === trialRecordName(record.backbone, record.trial_name)
  );
}

function modelOf(record: AnyRecord): string | undefined {
  return record.schema === 'beltbench/sweep' ? undefined : record.model.sha256;
}

/** The bytes of all files of a folder; what vanishes meanwhile counts as nothing. */
export async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map(async (name) => {
    const info = await stat(join(folder, name)).catch(() => undefined);
    return info?.isFile() === true ? info.size : 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
