import type { Gate, OptionDecision } from '../records/decision.ts';
import type { LatencyJudgement, Proportion, Verdict } from '../records/judgement.ts';

/*
 * What people read for what the records say. Each table is keyed by a union of the records, so that
 * a value without a wording does not compile.
 */

export const VERDICTS: Readonly<Record<Verdict, string>> = {
  PASS: 'PASS',
  FAIL: 'FAIL',
  NOT_ENOUGH_DATA: 'NOT ENOUGH DATA',
};

export const OPTION_VERDICTS: Readonly<Record<OptionDecision['verdict'], string>> = {
  ...VERDICTS,
  SELECTED: 'SELECTED',
  PROVISIONAL: 'PROVISIONAL',
  not_measured: 'not measured',
  no_candidate: 'not measured (no candidate)',
};

export const GATES: Readonly<Record<Gate['gate'], string>> = {
  latency: 'Latency',
  recall: 'Recall',
  comparability: 'Comparability',
};

export const STEADY_STATES: Readonly<Record<LatencyJudgement['steady_state'], string>> = {
  flat: 'steady',
  warmup: 'steady after a slow start',
  slowdown: 'slowed down',
  no_steady_state: 'never steady',
  not_enough_samples: 'not enough samples',
};

export const AGGREGATIONS: Readonly<Record<LatencyJudgement['aggregation'], string>> = {
  latest: 'the latest of them counts',
  median: 'their median counts',
  mean: 'their mean counts',
};

export const INTERVAL_METHODS: Readonly<Record<Proportion['method'], string>> = {
  wilson: 'Wilson',
  clopper_pearson: 'Clopper-Pearson',
};

export type Stage = keyof LatencyJudgement['stages']['medians'];

/** In the order in which an item goes through them. */
export const STAGES: Readonly<Record<Stage, string>> = {
  read_ms: 'Read',
  decode_ms: 'Decode',
  resize_ms: 'Resize',
  to_tensor_ms: 'To tensor',
  run_ms: 'Run',
  decide_ms: 'Decide',
  end_to_end_ms: 'End to end',
};
