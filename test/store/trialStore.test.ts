import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Predictions } from '../../src/records/predictions.ts';
import type { TrialRecord } from '../../src/records/quantizationTrial.ts';
import { trialId, trialKeyOf, TrialStore } from '../../src/store/trialStore.ts';
import { describe } from '../describe.ts';
import { RECIPE } from '../quantize/recipe.ts';
import { trialOf } from '../quantize/search/world.ts';
import { inTempDir } from './records.ts';

const PREDICTIONS: Predictions = {
  schema: 'beltbench/predictions',
  version: 1,
  classes: ['f', 'd'],
  ids: ['val/1.png'],
  content_hashes: ['a'.repeat(64)],
  labels: ['f'],
  probabilities: [[0.75, 0.25]],
};

function record(startedAt = '2025-01-01T00:00:00.000Z', changes: Partial<TrialRecord> = {}): TrialRecord {
  const made = trialOf(RECIPE, {});
  const key = trialKeyOf(made.key_parts);
  return { ...made, trial_key: key, record_id: trialId(key, startedAt), started_at: startedAt, ...changes };
}

describe('TrialStore', (it) => {
  it('gives back a trial with its predictions, by its key', async () => {
    await inTempDir(async (dir) => {
      const store = new TrialStore(join(dir, 'model.search'));
      assert.is(await store.find(record().trial_key), undefined, 'nothing there yet');
      await store.write({ record: record(), predictions: PREDICTIONS });
      assert.equal(await store.find(record().trial_key), { record: record(), predictions: PREDICTIONS });
      assert.is(await store.find('b'.repeat(64)), undefined);
    });
  });

  it('takes the newest of one key', async () => {
    await inTempDir(async (dir) => {
      const store = new TrialStore(dir);
      for (const day of ['02', '03', '01']) {
        await store.write({ record: record(`2025-01-${day}T00:00:00.000Z`), predictions: PREDICTIONS });
      }
      assert.is((await store.find(record().trial_key))?.record.started_at, '2025-01-03T00:00:00.000Z');
    });
  });

  it('gives back a recipe that made no file, which answers nothing', async () => {
    await inTempDir(async (dir) => {
      const store = new TrialStore(dir);
      const { trial_key: key, record_id: id } = record();
      const failed = { ...trialOf(RECIPE, { failure: 'not fused' }), trial_key: key, record_id: id };
      await store.write({ record: failed, predictions: undefined });
      assert.equal(await store.find(key), { record: failed, predictions: undefined });
    });
  });

  it('takes what is damaged for no trial', async () => {
    await inTempDir(async (dir) => {
      const store = new TrialStore(dir);
      const { trial_key: key, record_id: id } = record();
      await store.write({ record: record(), predictions: PREDICTIONS });
      await rm(join(dir, id, 'predictions.json'));
      assert.is(await store.find(key), undefined, 'without its predictions');
      await writeFile(join(dir, id, 'record.json'), '{"schema":');
      assert.is(await store.find(key), undefined, 'half a record');
    });
  });

  it('does not take one for another because its folder was renamed', async () => {
    await inTempDir(async (dir) => {
      const store = new TrialStore(dir);
      const other = 'c'.repeat(64);
      await store.write({ record: record(undefined, { record_id: trialId(other, '2025') }), predictions: PREDICTIONS });
      assert.is(await store.find(other), undefined);
    });
  });

  it('leaves nothing of a trial that cannot be written', async () => {
    await inTempDir(async (dir) => {
      const store = new TrialStore(dir);
      await store.write({ record: record(), predictions: PREDICTIONS });
      let message = '';
      await store.write({ record: record(), predictions: PREDICTIONS }).catch((thrown: Error) => {
        message = thrown.message;
      });
      assert.match(message, /there already/);
      assert.equal(await readdir(dir), [record().record_id]);
    });
  });
});
