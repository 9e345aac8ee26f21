import { dirname, resolve } from 'node:path';
import { BeltbenchError } from '../shared/errors.ts';
import { hint } from './hint.ts';
import { check } from './problems.ts';
import { overrideSelection, type SelectionOverrides } from './selectionOverrides.ts';
import { studyProblem } from './studyChecks.ts';
import { studySchema, type StudyFile } from './studySchema.ts';
import { readYamlFile } from './yamlFile.ts';

/** What flags on the command line lay over the study file. */
export interface Overrides extends SelectionOverrides {
  /** Candidate ids; empty means all. */
  readonly only?: readonly string[];
  readonly threads?: number | undefined;
  readonly forceNew?: boolean;
}

/** The study file on its own, without the cards it names: some may not be written yet. */
export interface ReadStudy {
  readonly path: string;
  readonly file: StudyFile;
  readonly datasetRoot: string;
  readonly reportsDir: string;
  /** As it was written, before any default was filled in. */
  readonly content: unknown;
}

/**
 * Reads and validates the study file; no model card is opened.
 *
 * @throws BeltbenchError `bad_study`; the message names the key, the value and the way out
 */
export async function readStudyFile(path: string, overrides: Overrides = {}): Promise<ReadStudy> {
  const absolute = resolve(path);
  const content = await readYamlFile(
    absolute,
    'bad_study',
    'name it with --study FILE or make one with `beltbench init`',
  );
  const checked = check(studySchema, content);
  if (!checked.ok) {
    throw new BeltbenchError('bad_study', `${path}: ${checked.problem}`);
  }
  const file = applyOverrides(checked.value, overrides);
  const problem = studyProblem(file, overrides.only ?? []);
  if (problem !== undefined) {
    throw new BeltbenchError('bad_study', `${path}: ${problem}`);
  }
  const base = dirname(absolute);
  return {
    path: absolute,
    file,
    datasetRoot: resolve(base, file.dataset.root),
    reportsDir: resolve(base, file.reports),
    content,
  };
}

function applyOverrides(file: StudyFile, overrides: Overrides): StudyFile {
  const { threads, forceNew } = overrides;
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 1024)) {
    throw new BeltbenchError(
      'bad_usage',
      `the number of threads must be a whole number from 1 to 1024, received ${threads}; correct it`,
    );
  }
  return {
    ...file,
    benchmarking: { ...file.benchmarking, ...(threads !== undefined && { threads }) },
    run: forceNew === true ? { mode: 'force_new' } : file.run,
    selection: { ...overrideSelection(file.selection, overrides), metric: metricOf(file, overrides) },
  };
}

function metricOf({ selection }: StudyFile, { objective }: Overrides): StudyFile['selection']['metric'] {
  const known = studySchema.shape.selection.unwrap().shape.metric.unwrap().options;
  const metric = objective === undefined ? selection.metric : known.find((name) => name === objective);
  if (metric === undefined) {
    throw new BeltbenchError(
      'bad_usage',
      `--objective must be one of ${known.join(', ')}, received ${objective ?? ''}${hint(objective ?? '', known)}`,
    );
  }
  return metric;
}
