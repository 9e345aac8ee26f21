import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { BeltbenchError } from '../../../src/shared/errors.ts';
import { describe } from '../../describe.ts';
import { assertExactlyOnce, itemOf, withBench } from './syncBench.ts';

describe('syncRecords', (it) => {
  it('makes one whole run of each record, and asks nothing about it again', async () => {
    await withBench(12, async (bench) => {
      const report = await bench.sync();
      assert.equal(report.counts, { written: 12, already: 0, repaired: 0, deleted: 0 });
      assertExactlyOnce(bench);
      const asked = bench.server.seen.length;
      assert.is((await bench.sync()).left, 0);
      assert.is(bench.server.seen.length, asked);
    });
  });

  it('knows its runs without a ledger too, as on another machine with the same store', async () => {
    await withBench(5, async (bench) => {
      await bench.sync();
      assert.is((await bench.sync({ withoutLedger: true })).counts.already, 5);
      assertExactlyOnce(bench);
    });
  });

  it('leaves no run twice or half, whatever call the server dies at', async () => {
    const calls = ['runs/search', 'runs/create', 'runs/log-batch', 'runs/log-inputs', 'artifacts', 'runs/update'];
    for (const call of calls) {
      for (const trouble of ['hangs up', 'loses the answer'] as const) {
        await withBench(6, async (bench) => {
          let isDead = false;
          bench.server.trouble = (seen) => {
            if (isDead) {
              return 'hangs up';
            }
            isDead = seen.call === call && bench.server.count(call) >= 3;
            return isDead ? trouble : undefined;
          };
          const cut = await bench.sync();
          assert.is(cut.stoppedBy?.trouble, 'unreachable', call);
          assert.ok(cut.left > 0, call);
          bench.server.trouble = () => undefined;
          const after = await bench.sync();
          assert.is(after.left, 0, call);
          assert.is(after.stoppedBy, undefined);
          assertExactlyOnce(bench);
        });
      }
    }
  });

  it('loses nothing when the server is killed three times on the way', async () => {
    await withBench(100, async (bench) => {
      const deaths = [90, 260, 430];
      for (const death of deaths) {
        bench.server.trouble = () => (bench.server.seen.length >= death ? 'loses the answer' : undefined);
        assert.is((await bench.sync()).stoppedBy?.trouble, 'unreachable');
      }
      bench.server.trouble = () => undefined;
      assert.is((await bench.sync()).left, 0);
      assertExactlyOnce(bench);
    });
  });

  it('gets over a lost answer to a creation by itself, without a second run', async () => {
    await withBench(3, async (bench) => {
      bench.server.trouble = ({ call }) =>
        call === 'runs/create' && bench.server.count('runs/create') === 1 ? 'loses the answer' : undefined;
      const report = await bench.sync();
      assert.is(report.stoppedBy, undefined);
      assertExactlyOnce(bench);
    });
  });

  it('completes a half-written run in place', async () => {
    await withBench(1, async (bench) => {
      bench.server.mlflow.call('runs/create', {
        experiment_id: '1',
        tags: [{ key: 'beltbench.record_id', value: 'record-0' }],
      });
      assert.is((await bench.sync()).counts.repaired, 1);
      assert.is(bench.server.mlflow.runs.length, 1);
      assertExactlyOnce(bench);
    });
  });

  it('makes a half-written run anew where its parameters say something else', async () => {
    await withBench(1, async (bench) => {
      bench.server.mlflow.call('runs/create', {
        experiment_id: '1',
        tags: [{ key: 'beltbench.record_id', value: 'record-0' }],
      });
      bench.server.mlflow.runs[0]?.params.set('backbone', 'as an older version wrote it');
      assert.is((await bench.sync()).counts.repaired, 1);
      assert.is(bench.server.mlflow.runs.length, 2);
      assertExactlyOnce(bench);
    });
  });

  it('starts a run again that is deleted while it is written', async () => {
    await withBench(1, async (bench) => {
      bench.server.trouble = ({ call }) => {
        if (call === 'runs/log-inputs' && bench.server.count(call) === 1) {
          bench.server.mlflow.call('runs/delete', { run_id: bench.server.mlflow.runs[0]?.run_id });
        }
        return undefined;
      };
      assert.is((await bench.sync()).counts.written, 1);
      assert.is(bench.server.mlflow.runs.length, 2);
      assertExactlyOnce(bench);
    });
  });

  it('leaves deleted what somebody deleted', async () => {
    await withBench(2, async (bench) => {
      await bench.sync();
      bench.server.mlflow.call('runs/delete', { run_id: bench.server.mlflow.of('record-1')[0]?.run_id });
      assert.equal((await bench.sync({ withoutLedger: true })).counts, {
        written: 0,
        already: 1,
        repaired: 0,
        deleted: 1,
      });
      assert.is(bench.server.mlflow.runs.length, 2);
    });
  });

  it('goes on after a record that the server refuses or whose file is gone, and names it', async () => {
    await withBench(4, async (bench) => {
      const path = join(bench.dir, 'record.json');
      const tooLong = itemOf('refused', path, { params: new Map([['p', 'x'.repeat(501)]]) });
      const gone = itemOf('gone', path, { artifacts: [{ name: 'record.json', path: join(bench.dir, 'nothing') }] });
      const report = await bench.sync({ items: [tooLong, gone, ...bench.items] });
      assert.is(report.counts.written, 4);
      assert.is(report.stoppedBy, undefined);
      assert.equal(report.failed.map(({ record_id: id }) => id).toSorted(), ['gone', 'refused']);
      assert.match(
        report.failed.find(({ record_id: id }) => id === 'refused')?.reason ?? '',
        /length 501, the limit is 500/,
      );
    });
  });

  it('goes on after one record that the server fails at, and stops where it fails at all', async () => {
    await withBench(20, async (bench) => {
      bench.server.trouble = ({ body }) => (body.includes('record-3') ? { status: 500 } : undefined);
      const report = await bench.sync();
      assert.equal(
        report.failed.map(({ record_id: id }) => id),
        ['record-3'],
      );
      assert.is(report.counts.written, 19);
      bench.server.trouble = () => ({ status: 500, body: 'disk full' });
      const all = await bench.sync({ withoutLedger: true });
      assert.is(all.stoppedBy?.trouble, 'failing');
      assert.ok(all.left >= 10, `${all.left}`);
    });
  });

  it('stops at an expired token, and goes on when there is a new one', async () => {
    await withBench(10, async (bench) => {
      bench.server.trouble = () => (bench.server.seen.length > 20 ? { status: 401 } : undefined);
      const cut = await bench.sync();
      assert.is(cut.stoppedBy?.trouble, 'denied');
      assert.ok(bench.server.seen.length <= 25, 'it must not try on');
      bench.server.trouble = () => undefined;
      await bench.sync();
      assertExactlyOnce(bench);
    });
  });

  it('stops between records when it is interrupted', async () => {
    await withBench(20, async (bench) => {
      let asked = 0;
      const cut = await bench.sync({ goesOn: () => (asked += 1) <= 6 });
      assert.is(cut.left, 14);
      assert.is(cut.stoppedBy, undefined);
      assert.is(bench.server.mlflow.active.filter(({ status }) => status === 'RUNNING').length, 0);
    });
  });

  it('stores a run without files where the server takes none', async () => {
    await withBench(2, async (bench) => {
      bench.server.mlflow.artifactRoot = 's3://bucket';
      const report = await bench.sync();
      assert.is(report.withoutArtifacts, 2);
      assert.is(report.counts.written, 2);
    });
  });

  it('ends every request before a fault of the ledger reaches the caller', async () => {
    await withBench(8, async (bench) => {
      await bench.sync({ items: [] });
      // A folder in the ledger's place.
      const [name] = await readdir(join(bench.dir, '.mlflow'));
      await mkdir(join(bench.dir, '.mlflow', name ?? '', 'ledger.jsonl'));
      const thrown = await bench.sync().catch((error: unknown) => error);
      assert.instance(thrown, BeltbenchError);
      assert.is(bench.server.mlflow.active.filter(({ status }) => status === 'RUNNING').length, 0);
    });
  });
});
