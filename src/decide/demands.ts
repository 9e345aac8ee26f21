import type { StudyFile } from '../config/studySchema.ts';

/** What the line demands of latency. */
export interface LatencyDemand {
  readonly budgetMs: number;
  /** The share of items that must meet the budget. */
  readonly requiredShare: number;
  readonly confidence: number;
}

/** What the line demands of recall. */
export interface RecallDemand {
  readonly targetRecall: number;
  readonly confidence: number;
  readonly maxFalseRejectRate: number;
  /** What runs on the line today: target from `target` on, review from `maybe` on. */
  readonly production: { readonly maybe: number; readonly target: number };
}

export function latencyDemand(study: StudyFile): LatencyDemand {
  const { budget_ms: budgetMs, required_share: requiredShare, confidence } = study.line;
  return { budgetMs, requiredShare, confidence };
}

export function recallDemand(study: StudyFile): RecallDemand {
  const {
    target_recall: targetRecall,
    confidence,
    max_false_reject_rate: maxFalseRejectRate,
    production,
  } = study.thresholds;
  return { targetRecall, confidence, maxFalseRejectRate, production };
}
