import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runSync, type SyncArgs } from '../../../src/cli/commands/sync.ts';
import { RunStore } from '../../../src/store/store.ts';
import { study, withFolder } from '../../config/folder.ts';
import { describe } from '../../describe.ts';
import { withServer, type FakeServer } from '../../store/mlflow/fakeServer.ts';
import { evaluationRecord, latencyRecord, PREDICTIONS } from '../../store/records.ts';
import { rejects } from '../../throws.ts';
import { quietIo } from '../quietIo.ts';

interface Bench {
  readonly server: FakeServer;
  readonly store: RunStore;
  readonly reports: string;
  /** The command's document. */
  readonly sync: (args?: Partial<SyncArgs>, interrupted?: AbortSignal) => Promise<Record<string, unknown>>;
}

/** A study with so many latency records, none with samples. */
async function withBench(records: number, use: (bench: Bench) => Promise<void>): Promise<void> {
  await withFolder({ 'beltbench.yaml': study() }, async (dir) => {
    await withServer(async (server) => {
      const reports = join(dir, 'reports');
      const store = new RunStore(reports);
      for (let index = 0; index < records; index += 1) {
        await store.write(latencyRecord(`latency-${index}`));
      }
      await use({
        server,
        store,
        reports,
        sync: async (args = {}, interrupted = new AbortController().signal) => {
          const common = { study: join(dir, 'beltbench.yaml'), only: [], json: true, quiet: false };
          const tracking = { trackingUri: server.uri, experiment: undefined, verify: false };
          const { document } = await runSync({ ...common, ...tracking, ...args }, quietIo(interrupted));
          return document as Record<string, unknown>;
        },
      });
    });
  });
}

describe('beltbench sync', (it) => {
  it('brings every record once when two syncs of one store run at once', async () => {
    await withBench(30, async ({ server, sync }) => {
      const [one, other] = await Promise.all([sync(), sync()]);
      assert.is(server.count('runs/create'), 30);
      const [first, second] = one['written'] === 30 ? [one, other] : [other, one];
      assert.equal([first['written'], first['already']], [30, 0]);
      assert.equal([second['written'], second['already']], [0, 30]);
    });
  });

  it('says that the next sync looks again where a gateway gave up a creation', async () => {
    await withBench(2, async ({ server, sync }) => {
      const gone = { status: 504, body: 'gateway timeout' };
      server.trouble = ({ call }) => (call === 'runs/create' && server.count(call) === 1 ? gone : undefined);
      const first = await sync();
      assert.equal([first['written'], first['unsettled'], first['left']], [2, 1, 0]);
      const { written, already, unsettled } = await sync();
      assert.equal([written, already, unsettled], [0, 2, 0]);
      assert.is(server.mlflow.active.length, 2);
    });
  });

  it('makes the experiment that is named, else one called as the story', async () => {
    await withBench(1, async ({ server, sync }) => {
      assert.is((await sync())['experiment'], 'STORY-1');
      assert.is((await sync({ experiment: 'line 3' }))['written'], 1);
      assert.equal([...server.mlflow.experiments.keys()], ['STORY-1', 'line 3']);
    });
  });

  it('wants no deleted experiment', async () => {
    await withBench(1, async ({ server, sync }) => {
      const experiment = { experiment_id: '9', name: 'STORY-1', lifecycle_stage: 'deleted' };
      server.mlflow.experiments.set('STORY-1', experiment);
      await rejects(async () => await sync(), /the experiment STORY-1 is deleted on http.*--experiment/);
      assert.is(server.mlflow.runs.length, 0);
    });
  });

  it('leaves out other stories, what is no record, and other candidates than `--only` names', async () => {
    await withBench(1, async ({ server, store, reports, sync }) => {
      await store.write({ ...latencyRecord('of-another'), story: 'STORY-2' });
      await store.write({ ...evaluationRecord('of-one'), candidate_id: 'one' }, { 'predictions.json': PREDICTIONS });
      await mkdir(join(store.dir, 'broken'), { recursive: true });
      await mkdir(join(reports, 'STORY-1'), { recursive: true });
      await writeFile(join(reports, 'STORY-1', 'decision.json'), '{"schema": "something else"}');
      const only = await sync({ only: ['one'] });
      assert.is(only['written'], 1);
      assert.is(server.mlflow.of('of-one').length, 1);
      const { written, already, notes } = await sync();
      assert.equal([written, already], [1, 1]);
      assert.match(String(notes), /"broken" is left out/);
      assert.match(String(notes), /1 record of other stories is left out/);
      assert.match(String(notes), /decision\.json is left out: .*run `beltbench decide`/);
    });
  });

  it('asks about every record with --verify: what the server lost is made again, what was deleted is not', async () => {
    await withBench(3, async ({ server, sync }) => {
      await sync();
      server.mlflow.runs.splice(0, 1);
      server.mlflow.call('runs/delete', { run_id: server.mlflow.active[0]?.run_id });
      assert.is((await sync())['already'], 3, 'the ledger has them');
      const { written, already, deleted } = await sync({ verify: true });
      assert.equal([written, already, deleted], [1, 1, 1]);
    });
  });

  it('ends between records after Ctrl-C, and goes on later', async () => {
    await withBench(20, async ({ server, sync }) => {
      const interruption = new AbortController();
      server.trouble = () => {
        if (server.count('runs/update') === 5) {
          interruption.abort();
        }
        return undefined;
      };
      await rejects(
        async () => await sync({}, interruption.signal),
        /interrupted; \d+ records are left: run `beltbench sync`/,
      );
      assert.ok(server.mlflow.active.every(({ status }) => status === 'FINISHED'));
      assert.is((await sync())['left'], 0);
      assert.is(server.mlflow.active.length, 20);
    });
  });
});
