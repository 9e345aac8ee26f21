// The library: a few typed calls for scripts, in memory or on a folder. docs/library.md shows each.
export { assessRecall, certifyRecall, targetsNeeded } from './api/certifyRecall.ts';
export { compareLatency, type LatencyRounds } from './api/compareLatency.ts';
export { exactInterval, wilsonInterval, type Counts } from './api/intervals.ts';
export {
  assessBudget,
  quantileWithBound,
  type BudgetAssessment,
  type BudgetOptions,
  type QuantileOptions,
} from './api/latency.ts';
export type { CountOptions, RecallOptions } from './api/options.ts';
export { scoreCheckpoint, type CheckpointLosses } from './api/scoreCheckpoint.ts';
export { sweepThresholds, type LabelledScores, type ThresholdSweep } from './api/sweepThresholds.ts';
export {
  selectBest,
  type Candidate,
  type FolderOptions,
  type Selection,
  type SelectOptions,
} from './api/selectBest.ts';
export type { Speed } from './records/comparison.ts';
export type { LatencySamples } from './records/latency.ts';
export { BeltbenchError, type ErrorCode } from './shared/errors.ts';
export type { CertifiedThreshold, RecallAssessment } from './stats/certificate.ts';
export type { CheckpointScore, CheckpointTerms } from './stats/checkpointScore.ts';
export type { OperatingPoint } from './stats/operatingPoint.ts';
export type { Interval } from './stats/proportion.ts';
export type { TailQuantile } from './stats/quantile.ts';
