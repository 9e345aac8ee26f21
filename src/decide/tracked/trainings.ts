import type { MlflowRun } from '../../records/mlflow.ts';
import { groupBy, idOfTrial } from './grouping.ts';
import { isSameTrial, textOf, type TaggedRun, type TrialOf } from './sortRuns.ts';
import type { TrackedTags } from './tagNames.ts';

/** What the training of one trial came to. */
export interface Training extends TrialOf {
  /** Stands for the trial, with its tags and its artifact: its own run, else its latest fold. */
  readonly run: MlflowRun;
  /** As the runs name the trial; without `_foldN`. */
  readonly name: string | undefined;
  /** The runs that hold the metric, at least one: the trial's own, or its folds. */
  readonly parts: readonly { readonly fold: number | undefined; readonly run: MlflowRun }[];
  /** The numbers of all its folds, also of those without the metric. */
  readonly foldsFound: readonly number[];
  /** Whether these are folds, and nothing but folds. */
  readonly lacksOwnRun: boolean;
}

type Fold = Training['parts'][number];

/** Its tag names the run that it is a part of, such as the trial of a fold. */
const PARENT_TAG = 'mlflow.parentRunId';
const FOLD_NAME = /^(.+)_fold(\d{1,4})$/;

/**
 * Puts the folds of a k-fold trial together (rules.md 1): runs below the trial's own, or named
 * `<trial>_foldN`. Below a trial's run that holds the metric itself they are parts of it.
 *
 * @param tagged the finished runs that hold the metric, from the oldest to the newest
 * @param all every run of the server, among which are the parents
 */
export function gatherTrainings(
  tagged: readonly TaggedRun[],
  all: readonly MlflowRun[],
  tags: TrackedTags,
): { readonly trainings: readonly Training[]; readonly notes: readonly string[] } {
  const byId = new Map(all.map((run) => [run.runId, run]));
  const childrenOf = groupBy(all, (run) => textOf(run, PARENT_TAG) ?? '');
  const place = new Map(tagged.map(({ run }, index) => [run.runId, index]));
  const whole = tagged.filter(({ run }) => !place.has(run.tags.get(PARENT_TAG) ?? ''));
  const groups = groupBy(whole, (entry) => JSON.stringify([idOfTrial(entry), groupOf(entry, byId, tags)]));
  const notes: string[] = [];
  const trainings: Training[] = [];
  for (const entries of groups.values()) {
    const [first] = entries;
    const last = entries.at(-1);
    if (first === undefined || last === undefined) {
      continue;
    }
    const parentId = textOf(first.run, PARENT_TAG) ?? '';
    const parent = parentOf(first, byId, tags);
    if (parent !== undefined && parent.status !== 'FINISHED') {
      notes.push(`${entries.length} folds of run ${parentId} left out: that is ${parent.status}`);
      continue;
    }
    const run = parent ?? last.run;
    const below = parent === undefined ? [] : (childrenOf.get(parentId) ?? []);
    trainings.push({
      study: first.study,
      trial: first.trial,
      run,
      name: nameOf(run)?.replace(FOLD_NAME, '$1'),
      parts: latestOfEach(entries, parentId, notes),
      foldsFound: numbersOf([...below, ...entries.map((each) => each.run)]),
      lacksOwnRun: parent === undefined && (entries.length > 1 || foldOf(run) !== undefined),
    });
  }
  const newestOf = ({ parts }: Training): number => Math.max(...parts.map((part) => place.get(part.run.runId) ?? -1));
  return { trainings: trainings.toSorted((a, b) => newestOf(a) - newestOf(b)), notes };
}

/** What folds of one trial have in common; a run that is no fold is its own group. */
function groupOf(entry: TaggedRun, byId: ReadonlyMap<string, MlflowRun>, tags: TrackedTags): string {
  const { run } = entry;
  const parentId = textOf(run, PARENT_TAG);
  // A parent of another kind is a search, below which a trial may have been tried again.
  if (parentId !== undefined && (!byId.has(parentId) || parentOf(entry, byId, tags) !== undefined)) {
    return `below ${parentId}`;
  }
  const base = FOLD_NAME.exec(nameOf(run) ?? '')?.[1];
  return base === undefined ? run.runId : `${parentId ?? ''}/${base}`;
}

/** The run above that is the same trial's. */
function parentOf(
  { run, ...own }: TaggedRun,
  byId: ReadonlyMap<string, MlflowRun>,
  tags: TrackedTags,
): MlflowRun | undefined {
  const parent = byId.get(textOf(run, PARENT_TAG) ?? '');
  return parent !== undefined && isSameTrial(parent, own, tags) ? parent : undefined;
}

/** A fold that was run again counts once. */
function latestOfEach(entries: readonly TaggedRun[], parentId: string, notes: string[]): Fold[] {
  const parts = entries.map(({ run }): Fold => ({ run, fold: foldOf(run) }));
  const numbered = groupBy(parts, ({ fold, run }) => (fold === undefined ? run.runId : `fold ${fold}`));
  return [...numbered].flatMap(([name, same]) => {
    const latest = same.at(-1);
    if (latest !== undefined && same.length > 1) {
      const of = parentId === '' ? '' : ` of run ${parentId}`;
      notes.push(`${name}${of} was run ${same.length} times: the latest, ${latest.run.runId}, counts`);
    }
    return latest === undefined ? [] : [latest];
  });
}

function numbersOf(runs: readonly MlflowRun[]): number[] {
  const numbers = new Set(runs.flatMap((run) => foldOf(run) ?? []));
  return [...numbers].toSorted((a, b) => a - b);
}

function foldOf(run: MlflowRun): number | undefined {
  const number = FOLD_NAME.exec(nameOf(run) ?? '')?.[2];
  return number === undefined ? undefined : Number(number);
}

function nameOf({ params, name }: MlflowRun): string | undefined {
  const names = [params.get('trial_name'), name].filter((text) => text !== undefined && text !== '');
  return names.find((text) => text !== undefined && FOLD_NAME.test(text)) ?? names[0];
}
