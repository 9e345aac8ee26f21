import { readdir } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { MlflowClient } from '../../../src/store/mlflow/client.ts';
import { pullRecords, type Pulled, type WantedRecord } from '../../../src/store/mlflow/pull.ts';
import { RunStore } from '../../../src/store/store.ts';
import { describe } from '../../describe.ts';
import { AUDIT, evaluationRecord, inTempDir, KEY, latencyRecord, PREDICTIONS, roundOf, samplesOf } from '../records.ts';
import { withServer, type FakeServer } from './fakeServer.ts';

interface Bench {
  readonly server: FakeServer;
  readonly store: RunStore;
  /** A finished run with this key's tag and these files. */
  readonly add: (tag: string, files: Readonly<Record<string, unknown>>, key?: string, recordId?: string) => void;
  readonly pull: (kind: WantedRecord['kind']) => Promise<readonly Pulled[]>;
}

async function withBench(use: (bench: Bench) => Promise<void>): Promise<void> {
  await inTempDir(async (dir) => {
    await withServer(async (server) => {
      const store = new RunStore(dir);
      const client = new MlflowClient(
        { uri: server.uri, authorization: undefined },
        { timeoutMs: 20_000, pausesMs: [] },
      );
      await use({
        server,
        store,
        add: (tag, files, key = KEY, recordId?: string) => {
          const named = recordId === undefined ? [] : [{ key: 'beltbench.record_id', value: recordId }];
          server.mlflow.call('runs/create', { experiment_id: '1', tags: [{ key: tag, value: key }, ...named] });
          const run = server.mlflow.runs.at(-1);
          server.mlflow.call('runs/update', { run_id: run?.run_id, status: 'FINISHED' });
          for (const [name, content] of Object.entries(files)) {
            const path = `/api/2.0/mlflow-artifacts/artifacts/1/${run?.run_id ?? ''}/artifacts/${name}`;
            server.mlflow.artifacts.set(path, Buffer.from(JSON.stringify(content)));
          }
        },
        pull: async (kind) => {
          const experiment = { id: '1', name: 'E', isDeleted: false, createdAt: 1 };
          return await pullRecords(client, experiment, store, await store.list(), { kind, key: KEY });
        },
      });
    });
  });
}

const SAMPLES = samplesOf(roundOf(1));

describe('pullRecords', (it) => {
  it('fetches a latency record with its samples into the file store', async () => {
    await withBench(async ({ add, pull, store }) => {
      const record = latencyRecord('latency-1');
      add('benchmark_key', { 'record.json': record, 'samples.json': SAMPLES });
      assert.equal(await pull('latency'), [{ recordId: 'latency-1' }]);
      const { latency } = await store.list();
      assert.equal(latency, [record]);
      assert.equal(await store.readSamples(record), SAMPLES);
    });
  });

  it('fetches an evaluation with its predictions and the audit of its images', async () => {
    await withBench(async ({ add, pull, store }) => {
      const record = evaluationRecord('evaluation-1');
      add('predictions_key', { 'record.json': record, 'predictions.json': PREDICTIONS, 'dataset.json': AUDIT });
      assert.equal(await pull('evaluation'), [{ recordId: 'evaluation-1' }]);
      assert.equal(await store.readPredictions(record), PREDICTIONS);
      assert.equal(await store.readDataset(record), AUDIT);
    });
  });

  it('finds nothing under another key, and nothing that is not finished', async () => {
    await withBench(async ({ add, pull, server }) => {
      const other = 'cd'.repeat(32);
      add('benchmark_key', { 'record.json': { ...latencyRecord('l'), benchmark_key: other } }, other);
      add('benchmark_key', { 'record.json': latencyRecord('m'), 'samples.json': SAMPLES });
      server.mlflow.call('runs/update', { run_id: server.mlflow.runs.at(-1)?.run_id, status: 'RUNNING' });
      assert.equal(await pull('latency'), []);
    });
  });

  it('fetches every finished run of the key, so that a median is one of all (rules.md 2)', async () => {
    await withBench(async ({ add, pull, store }) => {
      for (const [id, minute] of [
        ['first', 0],
        ['second', 1],
        ['third', 2],
      ] as const) {
        const record = latencyRecord(id, `2026-03-01T08:0${minute}:00.000Z`);
        add('benchmark_key', { 'record.json': record, 'samples.json': SAMPLES }, KEY, id);
      }
      assert.equal(await pull('latency'), [{ recordId: 'third' }, { recordId: 'second' }, { recordId: 'first' }]);
      assert.is((await store.list()).latency.length, 3);
    });
  });

  it('fetches also where the store has some of them, and those not again', async () => {
    await withBench(async ({ add, pull, store, server }) => {
      const files = (id: string) => ({ 'record.json': latencyRecord(id), 'samples.json': SAMPLES });
      await store.write(latencyRecord('own'), { 'samples.json': SAMPLES });
      await store.write(latencyRecord('untagged'), { 'samples.json': SAMPLES });
      add('benchmark_key', files('own'), KEY, 'own');
      add('benchmark_key', files('untagged'));
      add('benchmark_key', files('new'), KEY, 'new');
      add('benchmark_key', files('new'), KEY, 'new');
      assert.equal(await pull('latency'), [{ recordId: 'new' }]);
      // Two files of the new one, and of the untagged one what tells which it is.
      assert.is(server.count('artifacts'), 3);
      assert.equal(await pull('latency'), []);
    });
  });

  it('takes the newest of several evaluations, which all say the same', async () => {
    await withBench(async ({ add, pull, store }) => {
      const files = (id: string) => ({
        'record.json': evaluationRecord(id),
        'predictions.json': PREDICTIONS,
        'dataset.json': AUDIT,
      });
      add('predictions_key', files('older'));
      add('predictions_key', files('newer'));
      add('predictions_key', {});
      const [unusable, ...pulled] = await pull('evaluation');
      assert.ok(unusable !== undefined && 'problem' in unusable);
      assert.equal(pulled, [{ recordId: 'newer' }]);
      assert.equal(await pull('evaluation'), []);
      assert.is((await store.list()).evaluations.length, 1);
    });
  });

  it('goes on after a run that cannot be used, and says why', async () => {
    await withBench(async ({ add, pull }) => {
      add('benchmark_key', { 'record.json': latencyRecord('older'), 'samples.json': SAMPLES });
      add('benchmark_key', {});
      const [unusable, older] = await pull('latency');
      assert.match(unusable !== undefined && 'problem' in unusable ? unusable.problem : 'none', /no record\.json/);
      assert.equal(older, { recordId: 'older' });
    });
  });

  it('writes nothing that a hostile or foreign server makes up', async () => {
    const cases: [string, Record<string, unknown>, RegExp][] = [
      ['no files', {}, /no record\.json/],
      ['no record', { 'record.json': { schema: 'mlflow/whatever' } }, /schema is one of/],
      ['a newer version', { 'record.json': { ...latencyRecord('l'), version: 2 } }, /version 1/],
      ['another key', { 'record.json': { ...latencyRecord('l'), benchmark_key: 'cd'.repeat(32) } }, /of that key/],
      ['a failed one', { 'record.json': { ...latencyRecord('l'), status: 'failed' } }, /no finished latency record/],
      ['another kind', { 'record.json': evaluationRecord('e') }, /no finished latency record/],
      ['no samples', { 'record.json': latencyRecord('l') }, /samples\.json is missing/],
      ['bad samples', { 'record.json': latencyRecord('l'), 'samples.json': { rounds: 1 } }, /samples\.json/],
    ];
    for (const [name, files, problem] of cases) {
      await withBench(async ({ add, pull, store }) => {
        add('benchmark_key', files);
        const [pulled] = await pull('latency');
        assert.match(pulled !== undefined && 'problem' in pulled ? pulled.problem : 'none', problem, name);
        assert.equal((await store.list()).latency, []);
      });
    }
  });

  it('does not leave the store for a record id that is a path', async () => {
    await withBench(async ({ add, pull, store }) => {
      add('benchmark_key', { 'record.json': latencyRecord('../../evil'), 'samples.json': SAMPLES });
      const [pulled] = await pull('latency');
      assert.match(pulled !== undefined && 'problem' in pulled ? pulled.problem : 'none', /record_id/);
      assert.equal(await readdir(store.dir).catch(() => []), []);
    });
  });
});
