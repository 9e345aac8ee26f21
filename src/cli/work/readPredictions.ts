import { dataFingerprint } from '../../datasets/fingerprint.ts';
import { countAnswers } from '../../measure/evaluate.ts';
import type { DatasetAudit } from '../../records/dataset.ts';
import type { EvaluationRecord, Predictions } from '../../records/predictions.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { hashOf } from '../../store/hash.ts';
import type { RunStore } from '../../store/store.ts';

/**
 * An evaluation's per-image predictions. The record's own counts must be theirs, because accuracy is
 * read from one, recall and the sweep from the other; and they must be of the images that the record
 * names, each once: a hard one left out, or an easy one twice, would certify what was never seen.
 *
 * @throws BeltbenchError `bad_record` when they contradict each other
 */
export async function readPredictions(store: RunStore, record: EvaluationRecord): Promise<Predictions> {
  const predictions = await store.readPredictions(record);
  const problem = miscount(record, predictions) ?? otherImages(record, predictions, await store.readDataset(record));
  if (problem !== undefined) {
    throw new BeltbenchError(
      'bad_record',
      `${record.record_id}: ${problem}; remove its folder and run \`beltbench evaluate\``,
    );
  }
  return predictions;
}

function miscount(record: EvaluationRecord, predictions: Predictions): string | undefined {
  const counted = countAnswers(predictions);
  const stated = { correct: record.correct, confusion: record.confusion };
  return record.images !== predictions.ids.length || hashOf(counted) !== hashOf(stated)
    ? `record.json must count what predictions.json holds, received ${record.correct ?? 'no'} correct of ${record.images} against ${counted.correct ?? 'no'} of ${predictions.ids.length}`
    : undefined;
}

function otherImages(
  { skipped, data_fingerprint: fingerprint }: EvaluationRecord,
  { ids, labels, content_hashes: hashes }: Predictions,
  dataset: DatasetAudit,
): string | undefined {
  const accounted = new Set([...ids, ...skipped.map(({ id }) => id)]);
  if (accounted.size !== ids.length + skipped.length) {
    return `predictions.json must hold each image once, received ${ids.length + skipped.length - accounted.size} more than once or also as left out`;
  }
  const images = imagesOf(dataset);
  if (accounted.size !== images) {
    return `predictions.json and \`skipped\` must hold every image of dataset.json, received ${accounted.size} of ${images}`;
  }
  const entries = ids.map((id, index) => ({
    id,
    className: labels[index] ?? '',
    contentHash: hashes[index],
    bytes: 0,
  }));
  // Nobody knows the bytes of an image that was left out; without them there is no fingerprint to compare.
  const evaluated = skipped.length === 0 ? dataFingerprint(entries) : dataset.fingerprint;
  const strange = [evaluated, dataset.fingerprint].find((found) => found !== fingerprint);
  return strange === undefined
    ? undefined
    : `predictions.json and dataset.json must be of the images that \`data_fingerprint\` names, received ${fingerprint.slice(0, 12)} against ${strange.slice(0, 12)}`;
}

function imagesOf({ split, splits }: DatasetAudit): number {
  const classes = splits.find((entry) => entry.split === split)?.classes ?? [];
  return classes.reduce((sum, { images }) => sum + images, 0);
}
