import { z } from 'zod';
import { readTrialsOfFolder } from '../cli/work/selectSource.ts';
import { settingsOf } from '../cli/work/selectSettings.ts';
import { loadSearchConfig, type SearchConfig } from '../config/searchConfig.ts';
import { searchConfigSchema } from '../config/searchConfigSchema.ts';
import {
  overrideSelection,
  SELECTION_PRESETS,
  shareProblem,
  type SelectionPreset,
} from '../config/selectionOverrides.ts';
import { selectTrial } from '../decide/trials/selectTrial.ts';
import type { TrialSettings } from '../decide/trials/settings.ts';
import { classFiguresSchema, type ClassFigures, type HpoTrial } from '../records/hpo.ts';
import type { TrialSelection } from '../records/trialSelection.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { mean } from '../stats/summary.ts';
import { checkArgument } from './checkArgument.ts';

/** A candidate in memory. */
export interface Candidate {
  readonly backbone: string;
  readonly trialName: string;
  /** The value to rank by, higher is better; a list has one per fold, in the folds' order. */
  readonly accuracy: number | readonly number[];
  /** Mean batch-1 latency. */
  readonly latencyMs?: number | undefined;
  /** The speed's proxy where any candidate lacks a latency. */
  readonly parameters?: number | undefined;
  readonly sizeBytes?: number | undefined;
  /** Any number of which less is better. */
  readonly cost?: number | undefined;
  /** By the class's name; `classPriorities` goes by `f1`. */
  readonly perClass?: Readonly<Record<string, ClassFigures>> | undefined;
  /** Carried into `best_configuration`. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** How to select; the single keys go over the preset, and both over the configuration. */
export interface SelectOptions {
  readonly preset?: SelectionPreset | undefined;
  /** A faster candidate within this distance of the best is preferred; `null`: accuracy only. */
  readonly accuracyThreshold?: number | null | undefined;
  /** Whether the threshold is a share of the best accuracy; default `true`. */
  readonly useRelativeThreshold?: boolean | undefined;
  /** The best must be more than this better than a faster one; `null`: no such rule. */
  readonly minAccuracyGain?: number | null | undefined;
  /** The metric's name; default `macro-f1`. In a folder it is looked up in `metrics.json`. */
  readonly objective?: string | undefined;
  /** Rank by the weighted mean of these classes' f1 instead. */
  readonly classPriorities?: Readonly<Record<string, number>> | undefined;
  /** What each of these thresholds would select. */
  readonly thresholds?: readonly (number | null)[] | undefined;
}

export interface FolderOptions extends SelectOptions {
  /** The earlier tools' YAML, or a study; of several the later goes over the earlier. */
  readonly config?: string | readonly string[] | undefined;
}

/** The answer, as `beltbench select --json` prints it. */
export interface Selection extends TrialSelection {
  /** A line for each key of the selection that the options changed. */
  readonly overrides: readonly string[];
  /** What of the configuration was accepted but has no meaning here, and why. */
  readonly unused: readonly string[];
}

/** A share of the best, or a distance in the metric's own units. */
const distance = z.number().min(0);
const name = z.string().min(1).max(300);

const selectOptions = z.strictObject({
  preset: z.enum(Object.keys(SELECTION_PRESETS) as SelectionPreset[]).optional(),
  accuracyThreshold: distance.nullish(),
  useRelativeThreshold: z.boolean().optional(),
  minAccuracyGain: distance.nullish(),
  objective: name.optional(),
  classPriorities: z.record(name, z.number().min(0)).optional(),
  thresholds: z.array(distance.nullable()).max(100).optional(),
});
const memoryOptions = selectOptions.prefault({});
const folderOptions = selectOptions.extend({ config: z.union([name, z.array(name)]).optional() }).prefault({});

const candidate = z.strictObject({
  backbone: name,
  trialName: name,
  accuracy: z.union([z.number(), z.array(z.number()).min(1).max(100)], 'expected a number, or one per fold'),
  latencyMs: z.number().positive().optional(),
  parameters: z.number().positive().optional(),
  sizeBytes: z.number().positive().optional(),
  cost: z.number().min(0).optional(),
  perClass: z.record(name, classFiguresSchema).optional(),
  fields: z.record(z.string(), z.unknown()).optional(),
});
const candidateList = z.array(candidate).min(1).max(20_000);

/**
 * The accuracy-speed selector (docs/selecting.md): accuracy first; within the threshold the fastest.
 * Every candidate of the list enters; their names must differ.
 *
 * @throws BeltbenchError `bad_usage` when a candidate or an option cannot be read, `bad_record` when none can be ranked
 */
export function selectBest(candidates: readonly Candidate[], options?: SelectOptions): Selection;
/**
 * The same for a search on disk, `folder/<backbone>/<trial>/metrics.json`: folds are combined, and the
 * best trial of each backbone enters.
 *
 * @throws BeltbenchError the same, as a rejection; `bad_study` for a configuration that cannot be used
 */
export function selectBest(folder: string, options?: FolderOptions): Promise<Selection>;
export function selectBest(
  source: string | readonly Candidate[],
  options?: FolderOptions,
): Selection | Promise<Selection> {
  return typeof source === 'string' ? selectInFolder(source, options) : selectInMemory(source, options);
}

async function selectInFolder(folder: string, given: FolderOptions | undefined): Promise<Selection> {
  const { config: paths = [], ...options } = checkArgument('selectBest', folderOptions, given);
  const config = await loadSearchConfig(typeof paths === 'string' ? [paths] : paths);
  const { settings, overridden } = settingsWith(config, options);
  const { trials, notes } = await readTrialsOfFolder(folder, config, settings);
  const selection = selectTrial(trials, settings, options.thresholds);
  return {
    ...selection,
    overrides: overridden,
    unused: config.unused,
    warnings: [...notes, ...selection.warnings],
  };
}

function selectInMemory(candidates: readonly Candidate[], given: SelectOptions | undefined): Selection {
  const options = checkArgument('selectBest', memoryOptions, given);
  const checked = checkArgument('selectBest, candidates', candidateList, candidates);
  assertNamesDiffer(checked);
  const config: SearchConfig = { file: searchConfigSchema.parse({}), content: {}, unused: [] };
  const { settings, overridden } = settingsWith(config, options);
  const trials = checked.map((each) => toTrial(each, settings));
  const selection = selectTrial(trials, { ...settings, everyTrialEnters: true }, options.thresholds);
  return { ...selection, overrides: overridden, unused: [] };
}

function settingsWith(
  config: SearchConfig,
  { classPriorities, ...overrides }: Omit<z.infer<typeof selectOptions>, 'thresholds'>,
): { readonly settings: TrialSettings; readonly overridden: readonly string[] } {
  if (classPriorities !== undefined && overrides.objective !== undefined) {
    throw new BeltbenchError(
      'bad_usage',
      "selectBest: the objective is a metric or the classes' f1 by priority, received both `objective` and `classPriorities`; drop one",
    );
  }
  const { preset, useRelativeThreshold } = overrides;
  const { use_relative_threshold: isRelative } = overrideSelection(config.file.selection, {
    preset,
    useRelativeThreshold,
  });
  for (const key of ['accuracyThreshold', 'minAccuracyGain'] as const) {
    const problem = shareProblem(`selectBest: \`${key}\``, overrides[key] ?? 0, isRelative);
    if (problem !== undefined) {
      throw new BeltbenchError('bad_usage', problem);
    }
  }
  return settingsOf(config, { ...overrides, classPriority: classPriorities });
}

function assertNamesDiffer(candidates: readonly { readonly backbone: string; readonly trialName: string }[]): void {
  const seen = new Set<string>();
  for (const { backbone, trialName } of candidates) {
    const id = JSON.stringify([backbone, trialName]);
    if (seen.has(id)) {
      throw new BeltbenchError(
        'bad_usage',
        `selectBest: backbone and trialName together must tell the candidates apart, received ${id} twice; rename one`,
      );
    }
    seen.add(id);
  }
}

function toTrial(
  {
    backbone,
    trialName,
    accuracy,
    latencyMs,
    parameters,
    sizeBytes,
    cost,
    perClass,
    fields,
  }: z.infer<typeof candidate>,
  { metric, classPriorities }: TrialSettings,
): HpoTrial {
  // Per-class figures are of the whole trial: where they rank it, its folds do not.
  const isWhole = typeof accuracy === 'number' || classPriorities !== undefined;
  const values = typeof accuracy === 'number' ? [accuracy] : accuracy;
  return {
    backbone,
    trialName,
    runs: (isWhole ? [mean(values) ?? Number.NaN] : values).map((value, index) => ({
      fold: isWhole ? undefined : index + 1,
      metrics: { [metric]: value },
      perClass: index === 0 ? (perClass ?? {}) : {},
    })),
    latencyMs: latencyMs === undefined ? {} : { 1: latencyMs },
    benchmarkRuns: latencyMs === undefined ? 0 : 1,
    parameters,
    sizeBytes,
    cost,
    modelPath: undefined,
    fields: fields ?? {},
  };
}
