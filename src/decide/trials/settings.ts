import type { SelectionRules } from '../selector.ts';

/** What the selection among trials goes by; `metric` is the objective's name in `metrics.json`. */
export interface TrialSettings extends SelectionRules {
  /** The trials to look at, by `BACKBONE/TRIAL` or backbone; empty means all. */
  readonly only?: readonly string[] | undefined;
  /** Weights of the classes: then the objective is the weighted mean of their f1 and `metric` its name. */
  readonly classPriorities?: Readonly<Record<string, number>> | undefined;
  /** Parameter counts by backbone, for trials without one of their own. */
  readonly parameters?: Readonly<Record<string, number>> | undefined;
  /** Costs by `BACKBONE/TRIAL` or backbone, for trials without one of their own. */
  readonly costs?: Readonly<Record<string, number>> | undefined;
  /** A trial that lacks one of these is no candidate: a metric, or `latency_batch_N_ms`. */
  readonly requiredMetrics?: readonly string[] | undefined;
  /** How many folds each k-fold trial should have. */
  readonly foldsExpected?: number | undefined;
  /** Whether each trial enters, and not only the best of its backbone. */
  readonly everyTrialEnters?: boolean | undefined;
}
