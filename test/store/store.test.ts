import { cp, mkdir, readdir, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { SweepRecord } from '../../src/records/sweep.ts';
import { BeltbenchError } from '../../src/shared/errors.ts';
import { RunStore } from '../../src/store/store.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { AUDIT, evaluationRecord, inTempDir, latencyRecord, PREDICTIONS, roundOf, samplesOf } from './records.ts';

/** A store in a folder of its own. */
async function withStore(use: (store: RunStore) => Promise<void>): Promise<void> {
  await inTempDir(async (dir) => {
    await use(new RunStore(dir));
  });
}

/** A store with one sound record, `r-1`, and beside it a folder `bad` with this as its `record.json`. */
async function problemOf(recordJson: unknown): Promise<string> {
  let problems: readonly string[] = [];
  await withStore(async (store) => {
    await store.write(latencyRecord('r-1'));
    await mkdir(join(store.dir, 'bad'));
    const text = typeof recordJson === 'string' ? recordJson : JSON.stringify(recordJson);
    await writeFile(join(store.dir, 'bad', 'record.json'), text);
    const listing = await store.list();
    assert.equal(
      listing.latency.map(({ record_id: id }) => id),
      ['r-1'],
    );
    problems = listing.problems;
  });
  assert.is(problems.length, 1);
  assert.not.match(problems[0] ?? '', /\n/);
  return problems[0] ?? '';
}

describe('RunStore', (it) => {
  it('is empty before anything was written', async () => {
    await withStore(async (store) => {
      assert.equal(await store.list(), { latency: [], evaluations: [], sweeps: [], problems: [] });
    });
  });

  it('gives back what was written', async () => {
    await withStore(async (store) => {
      const [latency, evaluation] = [latencyRecord('latency-1'), evaluationRecord('evaluation-1')];
      const samples = samplesOf(roundOf(1), roundOf(2));
      await store.write(latency, { 'samples.json': samples });
      await store.write(evaluation, { 'predictions.json': PREDICTIONS, 'dataset.json': AUDIT });
      assert.equal(await store.list(), { latency: [latency], evaluations: [evaluation], sweeps: [], problems: [] });
      assert.equal(await store.readSamples(latency), samples);
      assert.equal(await store.readPredictions(evaluation), PREDICTIONS);
      assert.equal(await store.readDataset(evaluation), AUDIT);
    });
  });

  it('lists the newest last, and by name what started at once', async () => {
    await withStore(async (store) => {
      const times = [
        ['a', '2026-03-03T00:00:00.000Z'],
        ['b', '2026-03-01T00:00:00.000Z'],
        ['d', '2026-03-02T00:00:00.000Z'],
        ['c', '2026-03-02T00:00:00.000Z'],
      ] as const;
      for (const [id, at] of times) {
        await store.write(latencyRecord(id, at));
      }
      const { latency } = await store.list();
      assert.equal(
        latency.map(({ record_id: id }) => id),
        ['b', 'c', 'd', 'a'],
      );
    });
  });

  it('lists thousands without running out of file handles', async () => {
    await withStore(async (store) => {
      await store.write(latencyRecord('r-0'));
      for (let copy = 1; copy < 300; copy += 1) {
        await cp(join(store.dir, 'r-0'), join(store.dir, `r-${copy}`), { recursive: true });
      }
      const { latency, problems } = await store.list();
      assert.is(latency.length, 1);
      assert.is(problems.length, 299, 'a copy keeps its name, or is left out and said');
      assert.match(
        problems[0] ?? '',
        /^"r-1" is left out: it holds the record "r-0"; a copied folder must keep its name$/,
      );
    });
  });

  it('passes over what is being written, the journal, and files beside the records', async () => {
    await withStore(async (store) => {
      await store.write(latencyRecord('r-1'));
      await mkdir(join(store.dir, '.partial', 'x'), { recursive: true });
      await mkdir(join(store.dir, '.tmp-00000000-1-000000000000'));
      await writeFile(join(store.dir, 'notes.txt'), 'notes');
      const { latency, problems } = await store.list();
      assert.is(latency.length, 1);
      assert.equal(problems, []);
    });
  });

  it('leaves out a folder that was renamed, one without a record, and says so', async () => {
    await withStore(async (store) => {
      await store.write(latencyRecord('r-1'));
      await rename(join(store.dir, 'r-1'), join(store.dir, 'best'));
      await mkdir(join(store.dir, 'empty'));
      const { latency, problems } = await store.list();
      assert.equal(latency, []);
      assert.equal(problems, [
        '"best" is left out: it holds the record "r-1"; a copied folder must keep its name',
        '"empty" is left out: it holds no record.json; move it out of the store, or remove it',
      ]);
    });
  });

  it('counts as damaged what is broken, and not what it cannot reach', async () => {
    await withStore(async (store) => {
      for (const name of ['away', 'broken', 'empty']) {
        await mkdir(join(store.dir, name), { recursive: true });
      }
      await symlink(join(store.dir, 'unmounted', 'record.json'), join(store.dir, 'away', 'record.json'));
      await writeFile(join(store.dir, 'broken', 'record.json'), '{"schema"');
      const { unreadable } = await store.scan();
      assert.equal(
        unreadable.map(({ name, damaged }) => [name, damaged]),
        [
          ['away', false],
          ['broken', true],
          ['empty', true],
        ],
      );
    });
  });

  it('leaves out what is no record, and says why in one line', async () => {
    const sound = latencyRecord('bad');
    assert.match(await problemOf('{"schema": '), /^"bad" is left out: .*record\.json is not valid JSON/);
    assert.match(await problemOf('null'), /a record's schema is one of .*, received none/);
    assert.match(await problemOf('[1, 2]'), /a record's schema is one of/);
    assert.match(
      await problemOf({ ...sound, schema: 'beltbench/soak' }),
      /received "beltbench\/soak"; it may be of a newer/,
    );
    assert.match(await problemOf({ ...sound, version: 2 }), /reads version 1 of "beltbench\/latency", received 2; use/);
    assert.match(
      await problemOf({ ...sound, started_at: 'yesterday' }),
      /not as beltbench writes it: `started_at`: .*yesterday/,
    );
    assert.match(await problemOf({ ...sound, batch_1: { mean_ms: -1 } }), /`batch_1\./);
    assert.match(await problemOf({ ...sound, surprise: 1 }), /surprise/);
  });

  it('refuses a huge record by its size', async () => {
    await withStore(async (store) => {
      await store.write(latencyRecord('r-1'));
      await truncate(join(store.dir, 'r-1', 'record.json'), 1e11);
      const { problems } = await store.list();
      assert.match(problems[0] ?? '', /record\.json has 100000000000 bytes, and at most \d+ are read/);
    });
  });

  it('says that the store itself cannot be read', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'runs'), 'a file');
      await rejects(() => new RunStore(dir).list(), /runs cannot be read: ENOTDIR.*; name another folder in `reports`/);
    });
  });

  it('says which raw file is missing or broken', async () => {
    await withStore(async (store) => {
      const record = latencyRecord('r-1');
      await store.write(record, { 'samples.json': samplesOf(roundOf(1)) });
      const path = join(store.dir, 'r-1', 'samples.json');
      await writeFile(path, JSON.stringify({ ...samplesOf(roundOf(1)), rounds: [{ round: 'one' }] }));
      await rejects(
        () => store.readSamples(record),
        /samples\.json is not as beltbench writes it: `rounds\.0\..*run again/,
      );
      await writeFile(path, '{"schema"');
      await rejects(() => store.readSamples(record), /samples\.json is not valid JSON/);
      const evaluation = evaluationRecord('r-1');
      await rejects(
        () => store.readPredictions(evaluation),
        /predictions\.json is missing; remove its folder and run again/,
      );
      await rejects(() => store.readDataset(evaluation), /dataset\.json is missing/);
    });
  });

  it('reads and writes nothing outside its folder, whatever the id', async () => {
    await withStore(async (store) => {
      await store.write(latencyRecord('r-1'), { 'samples.json': samplesOf(roundOf(1)) });
      await cp(join(store.dir, 'r-1'), join(store.dir, '..', 'outside'), { recursive: true });
      const before = await readdir(join(store.dir, '..'));
      for (const id of ['../outside', '..', '/tmp', 'r-1/../../outside', '']) {
        await rejects(() => store.readSamples(latencyRecord(id)), /a record_id is .* received/);
        await rejects(() => store.write(latencyRecord(id)), /a record_id is .* received/);
      }
      assert.equal(await readdir(join(store.dir, '..')), before);
    });
  });

  it('does not follow a link to a folder of records elsewhere', async () => {
    await withStore(async (store) => {
      await store.write(latencyRecord('r-1'));
      await rename(join(store.dir, 'r-1'), join(store.dir, '..', 'r-1'));
      await symlink(join(store.dir, '..', 'r-1'), join(store.dir, 'r-1'));
      assert.equal((await store.list()).latency, []);
    });
  });

  it('never writes what it could not read again: that is a bug, with a stack', async () => {
    await withStore(async (store) => {
      const record = { ...evaluationRecord('e-1'), images_per_second: 0 };
      const thrown = await store.write(record).catch((error: unknown) => error);
      assert.not.instance(thrown, BeltbenchError);
      assert.match(String(thrown), /e-1 would not be read again: .*`images_per_second`/);
      const nan = samplesOf({ ...roundOf(1), samples_ms: [Number.NaN] });
      const also = await store.write(latencyRecord('l-1'), { 'samples.json': nan }).catch((error: unknown) => error);
      assert.instance(also, Error);
      assert.equal((await store.list()).problems, []);
      assert.equal((await store.list()).latency, []);
    });
  });

  it('keeps sweeps apart', async () => {
    await withStore(async (store) => {
      const point = {
        threshold: 0.5,
        targets: 1,
        others: 1,
        misses: 0,
        false_rejects: 0,
        recall: 1,
        recall_interval: null,
        recall_lower_bound: null,
        false_reject_rate: 0,
        false_reject_interval: null,
      };
      const sweep = sweepRecord('s-1', point);
      await store.write(sweep);
      assert.equal((await store.list()).sweeps, [sweep]);
    });
  });
});

function sweepRecord(recordId: string, argmax: SweepRecord['sweep']['argmax']): SweepRecord {
  const key = 'cd'.repeat(32);
  return {
    schema: 'beltbench/sweep',
    version: 1,
    record_id: recordId,
    sweep_key: key,
    started_at: '2026-03-01T08:00:00.000Z',
    story: 'STORY-1',
    notice: null,
    target_class: 'pit',
    thresholds: { target_recall: 0.99, confidence: 0.95, max_false_reject_rate: 0.1 },
    sweep: {
      candidate_id: 'resnet18',
      predictions_key: key,
      evaluation_record_id: 'e-1',
      targets: 1,
      others: 1,
      repeated_targets: 0,
      distinct_scores: 2,
      auc: 1,
      argmax,
      production: {
        maybe_from: 0.5,
        target_from: 0.75,
        misses: 0,
        false_rejects: 0,
        reviewed: 0,
        recall: 1,
        recall_interval: null,
        recall_lower_bound: null,
        false_reject_interval: null,
        reviewed_interval: null,
      },
      certificate: { state: 'not_enough_data', targets: 1, needed: 299, more: 298, refuted_at: null },
      review_band: null,
    },
    warnings: [],
  };
}
