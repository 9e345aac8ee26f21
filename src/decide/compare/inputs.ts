import type { StudyFile } from '../../config/studySchema.ts';
import type { ModelSummary, Warning } from '../../records/common.ts';
import type { PairSums, Saturation } from '../../records/comparison.ts';
import type { DatasetAudit } from '../../records/dataset.ts';
import type { HostClass } from '../../records/host.ts';
import type { LatencyRecord, LatencySamples } from '../../records/latency.ts';
import type { EvaluationRecord, Predictions } from '../../records/predictions.ts';

/** A finished latency record with its raw samples. */
export interface MeasuredRun {
  readonly record: LatencyRecord;
  readonly samples: LatencySamples;
}

/** What is known of one model of a group. */
export interface ComparedModel {
  readonly id: string;
  readonly status: string | undefined;
  readonly model: ModelSummary;
  /** Of the session that the group was measured in together; `undefined` when it failed there. */
  readonly run: MeasuredRun | undefined;
  readonly evaluation: EvaluationRecord | undefined;
  readonly predictions: Predictions | undefined;
  /** Why it cannot be measured here; `undefined` when it can. */
  readonly latencyFailure: string | undefined;
  /** Why it cannot be evaluated here; `undefined` when it can. */
  readonly evaluationFailure: string | undefined;
  /** What its integer weights could overflow; `undefined` for a model without integer layers. */
  readonly pairSums: PairSums | undefined;
  readonly warnings: readonly Warning[];
}

/** Everything a comparison is made of: records and constraints, no clock, no disk. */
export interface ComparisonInput {
  readonly study: StudyFile;
  readonly group: string;
  readonly reference: ComparedModel;
  readonly variants: readonly ComparedModel[];
  readonly hostClass: HostClass;
  /** What the host's integer products do, as probed. */
  readonly saturation: Saturation['host'];
  readonly dataset: DatasetAudit;
  /** The difference in accuracy or recall that does not matter, as a share. */
  readonly accuracyMargin: number;
  readonly warnings: readonly Warning[];
  readonly toolVersion: string;
  /** How this comparison is asked for again. */
  readonly commands: readonly string[];
}
