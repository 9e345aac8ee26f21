import type { OpenQuestion } from '../config/modelCard.ts';
import type { Claims } from '../config/modelCardSchema.ts';
import type { Size } from '../config/preprocessing.ts';
import type { StudyFile } from '../config/studySchema.ts';
import type { ModelSummary, Warning } from '../records/common.ts';
import type { DatasetAudit } from '../records/dataset.ts';
import type { Contract } from '../records/decision.ts';
import type { LatencyRecord, LatencySamples } from '../records/latency.ts';
import type { EvaluationRecord, Predictions } from '../records/predictions.ts';

/** What is stored of one candidate, and what its card says. */
export interface CandidateInput {
  readonly id: string;
  readonly backbone: string;
  readonly trialName: string;
  readonly option: string | undefined;
  readonly status: string | undefined;
  readonly claims: Claims;
  readonly claimsSource: string | undefined;
  /** From the file, or from the records where the file is not at hand. */
  readonly model: ModelSummary | undefined;
  readonly inputSize: Size | undefined;
  readonly trainedInputSize: Size | undefined;
  /** In the order of the model's outputs; where the card leaves it open, as it is assumed. */
  readonly classes: readonly string[];
  /** What was fed, by card and study; where they leave it open, as it is assumed. */
  readonly preprocessing: Contract['preprocessing'];
  readonly openQuestions: readonly OpenQuestion[];
  /** Every latency record of this model with the study's settings, finished or failed, in any order. */
  readonly latencyRecords: readonly LatencyRecord[];
  /** The raw samples of the records above that `representativeRuns` names, by record id. */
  readonly samples: ReadonlyMap<string, LatencySamples>;
  /** The latest finished evaluation of this model, or the latest failed one. */
  readonly evaluation: EvaluationRecord | undefined;
  readonly predictions: Predictions | undefined;
  readonly parameters: number | undefined;
  readonly warnings: readonly Warning[];
}

/** Everything a decision is made of: records and constraints, no clock, no disk. */
export interface DecisionInput {
  readonly study: StudyFile;
  readonly candidates: readonly CandidateInput[];
  readonly dataset: DatasetAudit | undefined;
  /** Doubts about the study or the store as a whole. */
  readonly warnings: readonly Warning[];
  /** What flags on the command line laid over the study, as they were typed. */
  readonly overrides: readonly string[];
  /** Keys that say what the line demands and does today, and that the study leaves to their defaults. */
  readonly unstated: readonly string[];
  readonly toolVersion: string;
  /** How the study file is called in the commands that reproduce this, in its own folder. */
  readonly studyFile: string;
}
