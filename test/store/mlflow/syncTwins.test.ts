import * as assert from 'uvu/assert';
import { describe } from '../../describe.ts';
import type { Trouble } from './fakeServer.ts';
import { assertExactlyOnce, withBench, type Bench } from './syncBench.ts';

/** The first creation is answered like this, and done when the test says so. */
function delayCreation({ server }: Bench, trouble: Trouble): () => void {
  let body: unknown;
  server.trouble = (seen) => {
    if (seen.call !== 'runs/create' || body !== undefined) {
      return undefined;
    }
    body = JSON.parse(seen.body.toString());
    return trouble;
  };
  return () => void server.mlflow.call('runs/create', body);
}

/** Somebody else makes a run of the record. */
function makeTwin({ server }: Bench, recordId = 'record-0'): void {
  const tags = [{ key: 'beltbench.record_id', value: recordId }];
  server.mlflow.call('runs/create', { experiment_id: '1', tags });
}

describe('syncRecords: two runs of one record', (it) => {
  for (const [what, trouble] of [
    ['is too slow for', 'never answers'],
    ['is given up by a gateway before', { status: 504 }],
  ] as const) {
    it(`a creation that the server ${what} us, and does after the sync, is found by the next one`, async () => {
      await withBench(3, async (bench) => {
        const arrive = delayCreation(bench, trouble);
        const first = await bench.sync({ timeoutMs: 500 });
        assert.equal([first.counts.written, first.unsettled, first.left], [3, 1, 0]);
        arrive();
        assert.is(bench.server.mlflow.active.length, 4);
        const next = await bench.sync();
        assert.equal([next.counts.repaired, next.unsettled], [1, 0]);
        assertExactlyOnce(bench);
        const asked = bench.server.seen.length;
        await bench.sync();
        assert.is(bench.server.seen.length, asked, 'now the ledger has it');
      });
    });
  }

  it('one that it does while its second run is written is gone at the end of the same sync', async () => {
    await withBench(1, async (bench) => {
      const arrive = delayCreation(bench, { status: 504 });
      const delayed = bench.server.trouble;
      bench.server.trouble = (seen) => {
        if (seen.call === 'runs/update') {
          arrive();
        }
        return delayed(seen);
      };
      await bench.sync();
      assertExactlyOnce(bench);
    });
  });

  it('two copies of a store, each with its ledger, sync at once without a run twice', async () => {
    await withBench(20, async (bench) => {
      const reports = await Promise.all([bench.sync({ copy: 'one' }), bench.sync({ copy: 'other' })]);
      assert.equal(
        reports.map(({ left, failed }) => [left, failed]),
        [
          [0, []],
          [0, []],
        ],
      );
      assertExactlyOnce(bench);
    });
  });

  it('a run that another machine makes between our look and our creation', async () => {
    await withBench(2, async (bench) => {
      bench.server.trouble = ({ call, body }) => {
        if (call === 'runs/create' && body.includes('record-0') && bench.server.mlflow.of('record-0').length === 0) {
          makeTwin(bench);
        }
        return undefined;
      };
      assert.is((await bench.sync()).left, 0);
      assertExactlyOnce(bench);
    });
  });

  it('every machine keeps the same one, also where the other one is whole first', async () => {
    await withBench(1, async (bench) => {
      await bench.sync();
      makeTwin(bench);
      const [whole] = bench.server.mlflow.active;
      assert.is((await bench.sync({ withoutLedger: true })).counts.repaired, 1);
      assertExactlyOnce(bench);
      assert.is(bench.server.mlflow.active[0], whole);
      // The lesser id, although it is the half-written one.
      makeTwin(bench);
      const [twin, lesser] = [bench.server.mlflow.runs.at(-1), `run${'0'.repeat(29)}`];
      Object.assign(twin ?? {}, { run_id: lesser, artifact_uri: `mlflow-artifacts:/1/${lesser}/artifacts` });
      assert.is((await bench.sync({ withoutLedger: true })).counts.repaired, 1);
      assert.is(bench.server.mlflow.active[0]?.run_id, lesser);
      assertExactlyOnce(bench);
    });
  });

  it('keeps the whole one where the other cannot be completed', async () => {
    await withBench(1, async (bench) => {
      makeTwin(bench);
      bench.server.mlflow.runs[0]?.params.set('backbone', 'as an older version wrote it');
      makeTwin(bench);
      bench.server.mlflow.call('runs/update', { run_id: bench.server.mlflow.runs[1]?.run_id, status: 'FINISHED' });
      assert.is((await bench.sync()).counts.repaired, 1);
      assert.equal(
        bench.server.mlflow.runs.map(({ lifecycle_stage: stage }) => stage),
        ['deleted', 'active'],
      );
    });
  });

  it('takes it well when another machine deletes the same one first', async () => {
    await withBench(1, async (bench) => {
      await bench.sync();
      makeTwin(bench);
      const twin = bench.server.mlflow.runs.at(-1);
      bench.server.trouble = ({ call }) => {
        if (call === 'runs/delete' && twin !== undefined) {
          twin.lifecycle_stage = 'deleted';
        }
        return undefined;
      };
      assert.equal((await bench.sync({ withoutLedger: true })).failed, []);
      assertExactlyOnce(bench);
    });
  });
});
