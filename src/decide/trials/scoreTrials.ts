import { hint } from '../../config/hint.ts';
import { shown } from '../../config/shown.ts';
import type { HpoTrial, TrialRun } from '../../records/hpo.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { own } from '../../shared/values.ts';
import { countOf } from '../../shared/units.ts';
import { mean, standardDeviation } from '../../stats/summary.ts';
import { bestFirst } from '../order.ts';
import { foldWarnings } from './missingFolds.ts';
import { pickTrials } from './pickTrials.ts';
import type { TrialSettings } from './settings.ts';

/** A trial with its value of the objective. */
export interface ScoredTrial {
  readonly trial: HpoTrial;
  /** `BACKBONE/TRIAL`. */
  readonly id: string;
  /** The mean over the folds. */
  readonly value: number;
  readonly std: number | undefined;
  readonly folds: readonly { readonly fold: number | undefined; readonly value: number }[];
}

/**
 * The best trial of each backbone by the objective, which is averaged over the folds (rules.md 1).
 * What cannot be ranked is left out, and said.
 *
 * @throws BeltbenchError `bad_usage` for class priorities that weigh nothing, or a name of `only` that none has
 */
export function bestPerBackbone(
  all: readonly HpoTrial[],
  settings: TrialSettings,
): { readonly entered: readonly ScoredTrial[]; readonly warnings: readonly string[] } {
  assertWeights(settings);
  const trials = pickTrials(all, settings.only ?? [], ({ trialName }) => trialName);
  const warnings: string[] = [];
  const groups = new Map<string, ScoredTrial[]>();
  const seen = new Set<string>();
  for (const trial of trials) {
    const id = `${trial.backbone}/${trial.trialName}`;
    const scored = seen.has(id) ? 'a trial of this name stands before it' : scoreTrial(id, trial, settings);
    seen.add(id);
    if (typeof scored === 'string') {
      warnings.push(`${id} is left out: ${scored}`);
      continue;
    }
    const lacking = trial.runs.length - scored.folds.length;
    if (lacking > 0) {
      const folds = countOf(trial.runs.length, 'fold');
      warnings.push(`${id} has no ${settings.metric} in ${lacking} of ${folds}: its mean is over the others`);
    }
    const group = settings.everyTrialEnters === true ? id : trial.backbone;
    groups.set(group, [...(groups.get(group) ?? []), scored]);
  }
  const best = [...groups.values()].flatMap((group) => bestFirst(group, valueOf).slice(0, 1));
  return { entered: bestFirst(best, valueOf), warnings: [...warnings, ...foldWarnings(trials, settings)] };
}

const valueOf = ({ value }: ScoredTrial): number => value;

function scoreTrial(id: string, trial: HpoTrial, settings: TrialSettings): ScoredTrial | string {
  const lacking = settings.requiredMetrics?.find((name) => !hasMetric(trial, name));
  if (lacking !== undefined) {
    return `it lacks the required ${lacking}`;
  }
  const folds = trial.runs.flatMap((run) => {
    const value = objectiveOf(run, settings);
    return value === undefined ? [] : [{ fold: run.fold, value }];
  });
  const values = folds.map(({ value }) => value);
  const value = mean(values);
  if (value === undefined) {
    return whyNoObjective(trial, settings);
  }
  return Number.isFinite(value)
    ? { trial, id, value, std: standardDeviation(values), folds }
    : `its ${settings.metric} is no number${trial.runs.length > 1 ? ' in at least one fold' : ''}`;
}

function objectiveOf(run: TrialRun, { metric, classPriorities }: TrialSettings): number | undefined {
  if (classPriorities === undefined) {
    return own(run.metrics, metric);
  }
  let sum = 0;
  let weights = 0;
  for (const [name, weight] of Object.entries(classPriorities)) {
    const f1 = own(run.perClass, name)?.f1;
    if (f1 === undefined || f1 === null) {
      return undefined;
    }
    sum += weight * f1;
    weights += weight;
  }
  return sum / weights;
}

function whyNoObjective({ runs }: HpoTrial, { metric, classPriorities }: TrialSettings): string {
  if (classPriorities !== undefined) {
    const known = [...new Set(runs.flatMap(({ perClass }) => Object.keys(perClass)))];
    if (known.length === 0) {
      return 'its metrics hold no per-class figures (`per_entity`)';
    }
    const missing = Object.keys(classPriorities).find((name) => !known.includes(name));
    return missing === undefined
      ? 'a class with a priority has no f1 in `per_entity`'
      : `its \`per_entity\` has no class \`${missing}\`${hint(missing, known)}`;
  }
  const strange = runs.find(({ notNumbers }) => notNumbers !== undefined && Object.hasOwn(notNumbers, metric));
  if (strange !== undefined) {
    return `its \`${metric}\` must be a number, received ${shown(strange.notNumbers?.[metric])}`;
  }
  const known = [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))];
  return `its metrics hold no \`${metric}\`${known.length === 0 ? '' : hint(metric, known)}`;
}

function hasMetric({ runs, latencyMs }: HpoTrial, name: string): boolean {
  const batch = /^latency_batch_(\d{1,6})_ms$/.exec(name)?.[1];
  return batch === undefined
    ? runs.every(({ metrics }) => Number.isFinite(own(metrics, name)))
    : latencyMs[Number(batch)] !== undefined;
}

function assertWeights({ classPriorities }: TrialSettings): void {
  if (classPriorities === undefined) {
    return;
  }
  const weights = Object.values(classPriorities);
  if (!weights.every((weight) => Number.isFinite(weight) && weight >= 0) || !weights.some((weight) => weight > 0)) {
    throw new BeltbenchError(
      'bad_usage',
      `class priorities are weights from 0 on, at least one above 0, received ${weights.join(', ') || 'none'}; write them as CLASS=WEIGHT`,
    );
  }
}
