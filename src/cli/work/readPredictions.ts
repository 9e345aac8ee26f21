import { countAnswers } from '../../measure/evaluate.ts';
import type { EvaluationRecord, Predictions } from '../../records/predictions.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { hashOf } from '../../store/hash.ts';
import type { RunStore } from '../../store/store.ts';

/**
 * An evaluation's per-image predictions. The record's own counts must be theirs: accuracy is read
 * from one, recall and the sweep from the other, and they must not disagree.
 *
 * @throws BeltbenchError `bad_record` when they do
 */
export async function readPredictions(store: RunStore, record: EvaluationRecord): Promise<Predictions> {
  const predictions = await store.readPredictions(record);
  const counted = countAnswers(predictions);
  const stated = { correct: record.correct, confusion: record.confusion };
  if (record.images !== predictions.ids.length || hashOf(counted) !== hashOf(stated)) {
    throw new BeltbenchError(
      'bad_record',
      `${record.record_id}: record.json must count what predictions.json holds, received ${record.correct ?? 'no'} correct of ${record.images} against ${counted.correct ?? 'no'} of ${predictions.ids.length}; remove its folder and run \`beltbench evaluate\``,
    );
  }
  return predictions;
}
