import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readPredictions } from '../../../src/cli/work/readPredictions.ts';
import { dataFingerprint } from '../../../src/datasets/fingerprint.ts';
import { countAnswers } from '../../../src/measure/evaluate.ts';
import type { DatasetAudit } from '../../../src/records/dataset.ts';
import type { EvaluationRecord, Predictions } from '../../../src/records/predictions.ts';
import { hashOf } from '../../../src/store/hash.ts';
import { RunStore } from '../../../src/store/store.ts';
import { describe } from '../../describe.ts';
import { AUDIT, evaluationRecord, inTempDir } from '../../store/records.ts';
import { rejects } from '../../throws.ts';

const IDS = ['val/clean/1.png', 'val/pit/1.png', 'val/pit/2.png', 'val/pit/3.png'];

/** What a model that finds every pit but `val/pit/3.png` says of these images. */
function predictionsOf(ids: readonly string[]): Predictions {
  return {
    schema: 'beltbench/predictions',
    version: 1,
    classes: ['clean', 'pit'],
    ids: [...ids],
    content_hashes: ids.map(hashOf),
    labels: ids.map((id) => (id.includes('/pit/') ? 'pit' : 'clean')),
    probabilities: ids.map((id) => (/pit\/[12]/.test(id) ? [0.1, 0.9] : [0.8, 0.2])),
  };
}

function fingerprintOf({ ids, labels, content_hashes: hashes }: Predictions): string {
  return dataFingerprint(
    ids.map((id, index) => ({ id, className: labels[index] ?? '', contentHash: hashes[index], bytes: 0 })),
  );
}

function countedOf(predictions: Predictions): Pick<EvaluationRecord, 'images' | 'correct' | 'confusion'> {
  return { images: predictions.ids.length, ...countAnswers(predictions) };
}

const WHOLE = predictionsOf(IDS);
const DATASET: DatasetAudit = {
  ...AUDIT,
  fingerprint: fingerprintOf(WHOLE),
  splits: [
    {
      split: 'val',
      classes: [
        { class_name: 'clean', folder: 'clean', images: 1, unreadable: 0 },
        { class_name: 'pit', folder: 'pit', images: 3, unreadable: 0 },
      ],
      other_files: 0,
      other_pictures: 0,
      ignored_links: [],
    },
  ],
};
const RECORD: EvaluationRecord = {
  ...evaluationRecord('evaluation-a'),
  data_fingerprint: DATASET.fingerprint,
  ...countedOf(WHOLE),
};

async function read(record: EvaluationRecord, predictions: Predictions, dataset = DATASET): Promise<Predictions> {
  let answer: Predictions | undefined;
  await inTempDir(async (dir) => {
    const store = new RunStore(dir);
    await store.write(RECORD, { 'predictions.json': WHOLE, 'dataset.json': DATASET });
    const folder = join(store.dir, RECORD.record_id);
    await writeFile(join(folder, 'predictions.json'), JSON.stringify(predictions));
    await writeFile(join(folder, 'dataset.json'), JSON.stringify(dataset));
    answer = await readPredictions(store, record);
  });
  assert.ok(answer);
  return answer;
}

describe('readPredictions', (it) => {
  it('gives the predictions that a record counts', async () => {
    assert.equal(await read(RECORD, WHOLE), WHOLE);
  });

  it('takes an image that was left out for accounted for', async () => {
    const answered = predictionsOf(IDS.slice(0, 3));
    const record = { ...RECORD, ...countedOf(answered), skipped: [{ id: 'val/pit/3.png', reason: 'broken' }] };
    assert.equal(await read(record, answered), answered);
  });

  it('refuses counts that are not theirs', async () => {
    await rejects(
      () => read({ ...RECORD, correct: 4 }, WHOLE),
      /^evaluation-a: record\.json must count what predictions\.json holds, received 4 correct of 4 against 3 of 4; .*beltbench evaluate/,
    );
  });

  it('refuses an image that stands there twice, though all counts agree', async () => {
    const doubled = predictionsOf([...IDS, 'val/pit/1.png']);
    await rejects(() => read({ ...RECORD, ...countedOf(doubled) }, doubled), /each image once, received 1 more/);
  });

  it('refuses predictions that lack a hard image, though all counts agree', async () => {
    const easy = predictionsOf(IDS.slice(0, 3));
    await rejects(() => read({ ...RECORD, ...countedOf(easy) }, easy), /every image of dataset\.json, received 3 of 4/);
  });

  it('refuses an image in place of another one, another label, and the dataset of another record', async () => {
    const [clean = ''] = IDS;
    const other = predictionsOf([clean, 'val/pit/1.png', 'val/pit/2.png', 'val/pit/22.png']);
    await rejects(
      () => read({ ...RECORD, ...countedOf(other) }, other),
      /the images that `data_fingerprint` names, received [0-9a-f]{12} against [0-9a-f]{12}; remove/,
    );
    const relabelled = { ...WHOLE, labels: ['clean', 'pit', 'pit', 'clean'] };
    await rejects(() => read({ ...RECORD, ...countedOf(relabelled) }, relabelled), /`data_fingerprint` names/);
    const elsewhere = { ...DATASET, fingerprint: hashOf('elsewhere') };
    await rejects(() => read(RECORD, WHOLE, elsewhere), /`data_fingerprint` names/);
  });
});
