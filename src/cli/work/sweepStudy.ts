import { recallDemand } from '../../decide/demands.ts';
import type { DecisionInput } from '../../decide/inputs.ts';
import { rolesOf } from '../../decide/scores.ts';
import { sweepPredictions } from '../../decide/sweep.ts';
import type { SweepRecord } from '../../records/sweep.ts';
import { hashOf } from '../../store/hash.ts';
import { recordId } from './recordNames.ts';
import type { Session } from './session.ts';

export interface SweptCandidate {
  readonly id: string;
  /** `undefined`: it has no stored predictions. */
  readonly record: SweepRecord | undefined;
  readonly reused: boolean;
}

/** Raise it when a sweep of the same predictions says something else than before. */
const SWEEP_RULES = 2;

/** Sweeps the stored predictions of every candidate; no inference. An unchanged sweep is not stored again. */
export async function sweepStudy(session: Session, input: DecisionInput): Promise<SweptCandidate[]> {
  const { sweeps } = await session.store.list();
  const swept: SweptCandidate[] = [];
  for (const { id, evaluation, predictions } of input.candidates) {
    if (evaluation === undefined || predictions === undefined) {
      swept.push({ id, record: undefined, reused: false });
      continue;
    }
    const { file } = session.study;
    const roles = rolesOf(file.dataset);
    const demand = recallDemand(file);
    const key = hashOf({
      rules: SWEEP_RULES,
      candidate: id,
      record: evaluation.record_id,
      predictions_key: evaluation.predictions_key,
      roles: { ...roles, maybe: roles.maybe ?? null },
      demand,
    });
    const stored = sweeps.findLast((record) => record.sweep_key === key);
    const startedAt = new Date().toISOString();
    const record: SweepRecord = stored ?? {
      schema: 'beltbench/sweep',
      version: 1,
      record_id: recordId('sweep', id, key, startedAt),
      sweep_key: key,
      started_at: startedAt,
      story: file.story,
      notice: file.notice ?? null,
      target_class: roles.target,
      thresholds: {
        target_recall: demand.targetRecall,
        confidence: demand.confidence,
        max_false_reject_rate: demand.maxFalseRejectRate,
      },
      sweep: sweepPredictions(evaluation, predictions, roles, demand, id),
      warnings: [],
    };
    if (stored === undefined) {
      await session.store.write(record);
    }
    swept.push({ id, record, reused: stored !== undefined });
  }
  return swept;
}
