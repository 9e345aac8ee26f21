import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HpoTrial, TrialRun } from '../records/hpo.ts';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';
import { countOf } from '../shared/units.ts';
import { METRICS_FILE, openTrialFolder, readTrialFiles, type TrialFiles, type TrialFolder } from './trialFolder.ts';

export type { TrialFolder } from './trialFolder.ts';

/** A hyperparameter search on disk. */
export interface HpoTree {
  readonly trials: readonly HpoTrial[];
  /** One line for everything that was left out or is strange. */
  readonly notes: readonly string[];
}

/** Far above any search; more folders are a mistake or an attack. */
const MOST_FOLDERS = 20_000;
const FOLD = /^(.+)_fold(\d{1,3})$/s;
const LAYOUT = `a search lies as DIR/BACKBONE/TRIAL/${METRICS_FILE}`;

/**
 * The folders of the trials and of their folds, `DIR/<backbone>/<trial>`, in the order of their names.
 * Symbolic links and hidden folders are not followed.
 *
 * @throws BeltbenchError `bad_record` when `dir` cannot be read or holds more than 20,000 folders
 */
export async function listTrialFolders(
  dir: string,
): Promise<{ readonly folders: readonly TrialFolder[]; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const folders: TrialFolder[] = [];
  const note = (text: string): void => void notes.push(text);
  for (const backbone of await foldersIn(dir, note)) {
    const parent = join(dir, backbone);
    for (const name of await foldersIn(parent, note)) {
      if (folders.length === MOST_FOLDERS) {
        throw new BeltbenchError(
          'bad_record',
          `${dir} holds more than ${MOST_FOLDERS} trials, and so many are not read; name a folder that holds one search`,
        );
      }
      folders.push(await openTrialFolder(parent, backbone, name, note));
    }
  }
  return { folders, notes };
}

/**
 * Reads the trials of a search with their folds, `<trial>_foldN`, combined (rules.md 1). What is
 * faulty is left out and noted.
 *
 * @throws BeltbenchError `bad_record` when `dir` cannot be read, is too large or holds no trial
 */
export async function readHpoTree(
  dir: string,
  { benchmarkFile = 'benchmark.json' }: { readonly benchmarkFile?: string | undefined } = {},
): Promise<HpoTree> {
  const { folders, notes: found } = await listTrialFolders(dir);
  const notes = [...found];
  const note = (text: string): void => void notes.push(text);
  const groups = new Map<string, Part[]>();
  // One after the other: thousands at once would run out of file handles.
  for (const folder of folders) {
    const [, trialName = folder.name, fold] = FOLD.exec(folder.name) ?? [];
    const key = JSON.stringify([folder.backbone, trialName]);
    const files = await readTrialFiles(folder, benchmarkFile, note);
    const part = { folder, trialName, fold: fold === undefined ? undefined : Number(fold), files };
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  const trials = [...groups.values()].flatMap((parts) => combine(parts, note));
  if (trials.length === 0) {
    throw new BeltbenchError(
      'bad_record',
      `${dir} holds no trial${notes[0] === undefined ? '' : ` (${notes[0]})`}; ${LAYOUT}: name such a DIR`,
    );
  }
  return { trials, notes };
}

interface Part {
  readonly folder: TrialFolder;
  readonly trialName: string;
  readonly fold: number | undefined;
  readonly files: TrialFiles;
}

/** One trial out of its own folder and those of its folds. */
function combine(parts: readonly Part[], note: (text: string) => void): HpoTrial[] {
  const whole = parts.find(({ fold }) => fold === undefined);
  const folds = withoutTwins(parts, note);
  const counted = (folds.length > 0 ? folds : parts).filter(({ files }) => files.run !== undefined);
  const [first] = counted;
  if (first === undefined) {
    noteAbsence(parts, 'is left out: it', note);
    return [];
  }
  // The trial's own folder needs no metrics beside its folds.
  noteAbsence(folds, 'is left out of the mean over the folds: it', note);
  if (folds.length > 0 && whole?.files.run !== undefined) {
    note(`${whole.folder.path} stands twice, as itself and as folds: the folds count`);
  }
  const runs = counted.flatMap(({ fold, files }): TrialRun[] =>
    files.run === undefined ? [] : [{ fold, ...files.run }],
  );
  const benchmarked = whole?.files.benchmark === undefined ? folds : [whole];
  const benchmarks = benchmarked.flatMap(({ files }) => (files.benchmark === undefined ? [] : [files.benchmark]));
  const under = new Set(benchmarks.map(({ measuredUnder }) => measuredUnder));
  noteDoubts(`${first.folder.backbone}/${first.trialName}`, benchmarked, under.size, note);
  // The trial's own folder holds what was trained on all data; a fold's file stands in for it.
  const artifact = [whole, ...folds].find((part) => part?.folder.modelPath !== undefined) ?? whole ?? first;
  return [
    {
      backbone: first.folder.backbone,
      trialName: first.trialName,
      runs,
      ...(folds.length > 0 && { foldsFound: folds.flatMap(({ fold }) => fold ?? []) }),
      latencyMs: meansOf(benchmarks.map(({ latencyMs }) => latencyMs)),
      benchmarkRuns: benchmarks.reduce((sum, { benchmarkRuns }) => sum + benchmarkRuns, 0),
      measuredUnder: under.size === 1 ? [...under][0] : [...under].join(' and ') || undefined,
      parameters: artifact.files.parameters,
      sizeBytes: artifact.files.sizeBytes,
      cost: artifact.files.cost,
      modelPath: artifact.folder.modelPath,
      fields: { ...(whole ?? first).files.fields, metrics: meansOf(runs.map(({ metrics }) => metrics)) },
    },
  ];
}

/** The folds in their order; `_fold1` and `_fold01` are one fold twice. */
function withoutTwins(parts: readonly Part[], note: (text: string) => void): Part[] {
  const byFold = new Map<number, Part>();
  for (const part of parts) {
    const before = part.fold === undefined ? undefined : byFold.get(part.fold);
    if (before !== undefined) {
      note(`${part.folder.path} is left out: ${before.folder.name} is fold ${before.fold} already`);
    } else if (part.fold !== undefined) {
      byFold.set(part.fold, part);
    }
  }
  return [...byFold.values()].toSorted((a, b) => (a.fold ?? 0) - (b.fold ?? 0));
}

/** An empty folder is nobody's loss, unless its name says that it should hold something. */
function noteAbsence(parts: readonly Part[], fate: string, note: (text: string) => void): void {
  for (const { folder, fold } of parts) {
    const isTrial = folder.files.length > 0 || fold !== undefined || folder.name.startsWith('trial');
    if (isTrial && !folder.files.includes(METRICS_FILE)) {
      note(`${folder.path} ${fate} holds no ${METRICS_FILE}`);
    }
  }
}

/** What the mean over the folds' benchmarks hides. */
function noteDoubts(id: string, parts: readonly Part[], conditions: number, note: (text: string) => void): void {
  const measured = parts.filter(({ files }) => files.benchmark !== undefined);
  if (measured.length > 0 && measured.length < parts.length) {
    const numbers = measured.map(({ fold }) => fold).join(', ');
    note(
      `${id}: its latency is of ${measured.length} of ${countOf(parts.length, 'fold')} (fold ${numbers}), because the others have no benchmark`,
    );
  }
  if (conditions > 1) {
    note(`${id}: the benchmarks of its folds were taken on different machines or with different settings`);
  }
}

/** The mean of each named value over those that have it. */
function meansOf(values: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = [...new Set(values.flatMap((each) => Object.keys(each)))];
  return Object.fromEntries(
    names.map((name) => {
      const present = values.flatMap((each) => each[name] ?? []);
      return [name, present.reduce((sum, value) => sum + value, 0) / present.length];
    }),
  );
}

async function foldersIn(dir: string, note: (text: string) => void): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((thrown: unknown) => {
    throw new BeltbenchError('bad_record', `${dir} cannot be read: ${reasonOf(thrown)}; ${LAYOUT}: name such a DIR`, {
      cause: thrown,
    });
  });
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  for (const link of visible.filter((entry) => entry.isSymbolicLink())) {
    note(`${join(dir, link.name)} is a symbolic link, which is not followed`);
  }
  return visible
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}
