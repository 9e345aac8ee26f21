import type { Deployment, Plan } from '../../records/plan.ts';
import { countOf } from '../../shared/units.ts';
import type { Ask, Choice, SpeedFigure } from './ask.ts';
import { own } from '../../shared/values.ts';
import type { Figures } from './tracker.ts';

/** What of an answer is about the deployment and the mode alone. */
export type Answered = Pick<
  Choice,
  'deployment' | 'mode' | 'speed' | 'threads' | 'memory_mb' | 'thresholds' | 'settings' | 'model' | 'demands'
>;

/** An answer that is a deployment, before why it was chosen. */
export function answerWith(
  plan: Plan,
  ask: Ask,
  name: string,
  deployment: Deployment,
  figures: Figures | undefined,
): Answered {
  return {
    ...nobody(plan, ask),
    deployment: name,
    speed: speedOf(plan, deployment, figures),
    threads: deployment.threads,
    memory_mb: deployment.memory_mb,
    thresholds: own(deployment.modes, ask.mode)?.thresholds ?? null,
    settings: own(own(plan.mode_settings, ask.mode) ?? {}, name) ?? {},
    model: deployment.model,
  };
}

/** An answer without one. */
export function nobody(plan: Plan, { mode }: Ask): Answered {
  const demanded = own(plan.modes, mode);
  return {
    deployment: null,
    mode,
    speed: null,
    threads: null,
    memory_mb: null,
    thresholds: null,
    settings: {},
    model: {},
    demands:
      demanded === undefined
        ? null
        : {
            budget_ms: demanded.budget_ms,
            target_recall: demanded.target_recall,
            max_false_reject_rate: demanded.max_false_reject_rate,
          },
  };
}

function speedOf(plan: Plan, { benchmark }: Deployment, figures: Figures | undefined): SpeedFigure {
  const least = plan.tracker.min_observations;
  const observations = figures?.timed ?? 0;
  if (figures?.unitsPerSecond !== undefined && observations >= least) {
    return {
      source: 'observed',
      units_per_second: figures.unitsPerSecond,
      observations,
      said: `the mean of its newest ${observations} timed observations in this mode`,
    };
  }
  return {
    source: benchmark.units_per_second === null ? 'none' : 'benchmark',
    units_per_second: benchmark.units_per_second,
    observations,
    said: `${countOf(observations, 'timed observation')} in this mode, and it takes ${least}: ${benchmark.units_per_second === null ? 'no benchmark either' : "the benchmark's figure"}`,
  };
}
