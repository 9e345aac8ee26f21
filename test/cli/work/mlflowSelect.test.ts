import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runSelect, type SelectArgs } from '../../../src/cli/commands/select.ts';
import { trackingServer } from '../../../src/store/mlflow/address.ts';
import { MlflowClient } from '../../../src/store/mlflow/client.ts';
import { ofTrial } from '../../decide/tracked/factories.ts';
import { describe } from '../../describe.ts';
import type { FakeRun } from '../../store/mlflow/fakeMlflow.ts';
import { withServer, type FakeServer } from '../../store/mlflow/fakeServer.ts';
import { rejects } from '../../throws.ts';
import { quietIo } from '../quietIo.ts';

interface Candidate {
  readonly trial_name: string;
  readonly benchmark_latency_ms: number;
  readonly benchmark_runs_count: number;
}

interface Selected {
  readonly best_configuration: Record<string, unknown> & { selection_criteria: { all_candidates: Candidate[] } };
  readonly candidates: readonly Candidate[];
  readonly warnings: readonly string[];
}

describe('select --store mlflow (rules.md 2)', (it) => {
  it('selects the best model by the metric joined with the aggregated latency', async () => {
    await withServer(async (server) => {
      await fill(server);
      const { best_configuration: best, candidates } = await select(server);
      assert.equal([best['backbone'], best['trial_name']], ['large', 'trial exact']);
      assert.is(best['artifact_run_id'], idOf(server, 'refit exact'));
      assert.equal(
        candidates.map((each) => [each.benchmark_latency_ms, each.benchmark_runs_count]),
        [
          [30, 2],
          [10, 1],
          [20, 1],
        ],
      );
      const counts = best.selection_criteria.all_candidates.map((each) => each.benchmark_runs_count);
      assert.equal(counts, [2, 1, 1]);
    });
  });

  it('prefers a faster one within the threshold, also of the same backbone', async () => {
    await withServer(async (server) => {
      await fill(server);
      assert.is((await select(server, { accuracyThreshold: 0.05 })).best_configuration['trial_name'], 'trial fast');
    });
  });

  it('finds runs on every page of the search', async () => {
    await withServer(async (server) => {
      await fill(server);
      for (let n = 0; n < 250; n += 1) {
        await addRun(server, `f${n}`, {}, { loss: n });
      }
      await addTrial(server, 'late', 0.99, 40);
      assert.is((await select(server)).best_configuration['trial_name'], 'trial late');
    });
  });

  it('takes the artifact of the trial when its refit run is deleted after the search', async () => {
    await withServer(async (server) => {
      await fill(server);
      deleteDuring(server, 'refit exact');
      const { best_configuration: best, warnings } = await select(server);
      assert.equal([best['trial_name'], best['artifact_run_id']], ['trial exact', idOf(server, 'trial exact')]);
      assert.match(warnings.join('\n'), /run run0+\d+ was deleted meanwhile and does not count/);
    });
  });

  it('selects the next one when the benchmark or the trial is deleted after the search', async () => {
    for (const name of ['trial exact', 'b exact']) {
      await withServer(async (server) => {
        await fill(server);
        deleteDuring(server, name);
        const { best_configuration: best } = await select(server);
        assert.is(best['trial_name'], name === 'trial exact' ? 'trial fast' : 'trial exact');
      });
    }
  });

  it('ranks by class priorities over the figures per class', async () => {
    await withServer(async (server) => {
      await addTrial(server, 'a', 0.9, 10, { 'f1.pit': 0.5, 'f1.clean': 1 });
      await addTrial(server, 'b', 0.8, 10, { 'f1.pit': 0.8, 'f1.clean': 0.7 });
      await addTrial(server, 'c', 1, 10);
      const { best_configuration: best, warnings } = await select(server, { classPriority: { pit: 3, clean: 1 } });
      assert.is(best['trial_name'], 'trial b');
      assert.match(warnings.join('\n'), /no finished training run with its hashes holds f1\.pit and f1\.clean/);
    });
  });

  it('reads server, experiments, tags and aggregation from the study of the folder', async () => {
    await withServer(async (server) => {
      await inFolder(async (study) => {
        const tags = { theirs: 'b', 'code.grouping.study_key_hash': 's' };
        await addRun(server, 'training', { ...tags, net: 'vgg' }, { 'macro-f1': 0.9 }, 'trainings');
        for (const ms of [200, 150, 210]) {
          await addRun(server, 'b', { ...tags, benchmark_key: 'k' }, { latency_batch_1_ms: ms }, 'benchmarks');
        }
        await writeFile(
          study,
          `story: S
mlflow: { tracking_uri: ${server.uri}, experiment: benchmarks, training_experiments: [trainings] }
tags: { grouping: { trial_key_hash: theirs }, backbone: net }
benchmark: { latency_aggregation: median, required_metrics: [latency_batch_1_ms] }
`,
        );
        const args = { ...ARGS, study };
        const { best_configuration: best, candidates } = await document(args);
        assert.equal([best['backbone'], candidates[0]?.benchmark_latency_ms], ['vgg', 200]);
      });
    });
  });

  it('says in one line what is missing', async () => {
    await withServer(async (server) => {
      await rejects(async () => await select(server), /has no experiment "Default"; run `beltbench sync` first/);
      await addRun(server, 'b', ofTrial('a'), { latency_batch_1_ms: 3 });
      await rejects(
        async () => await select(server),
        /none of 1 run on http.* is a candidate: .*macro-f1 must have the same study and trial hashes; "b" \(trial a of study/,
      );
      await rejects(async () => await document(ARGS), /a tracking server must be named/);
      await rejects(async () => await select(server, { hpo: 'x' }), /--hpo and --store mlflow are two sources/);
      server.trouble = () => ({ status: 403, body: 'Forbidden' });
      await rejects(async () => await select(server), /denies access \(403 Forbidden\).*MLFLOW_TRACKING_TOKEN/);
    });
  });
});

const ARGS: SelectArgs = {
  study: 'none.yaml',
  only: [],
  json: true,
  quiet: true,
  store: 'mlflow',
  trackingUri: undefined,
  experiment: undefined,
  trainingExperiment: undefined,
  hpo: undefined,
  config: [],
  preset: undefined,
  accuracyThreshold: undefined,
  useRelativeThreshold: undefined,
  minAccuracyGain: undefined,
  objective: undefined,
  classPriority: undefined,
  thresholds: undefined,
  out: undefined,
};

async function select({ uri }: FakeServer, args: Partial<SelectArgs> = {}): Promise<Selected> {
  return await document({ ...ARGS, trackingUri: uri, ...args });
}

async function document(args: SelectArgs): Promise<Selected> {
  return (await runSelect(args, quietIo())).document as Selected;
}

async function inFolder(use: (study: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-select-'));
  try {
    await use(join(dir, 'beltbench.yaml'));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Three trials of two backbones; the most accurate has two benchmark runs and a refit. */
async function fill(server: FakeServer): Promise<void> {
  await addTrial(server, 'exact', 0.92, 25, {}, 'large');
  await addRun(server, 'b2 exact', { ...ofTrial('exact'), benchmark_key: 'key-exact' }, { latency_batch_1_ms: 30 });
  await addRun(server, 'refit exact', { ...ofTrial('exact'), 'code.stage': 'hpo_refit' }, {});
  await addTrial(server, 'fast', 0.9, 10, {}, 'small');
  await addTrial(server, 'plain', 0.89, 20, {}, 'small');
}

async function addTrial(
  server: FakeServer,
  name: string,
  macroF1: number,
  ms: number,
  figures: Readonly<Record<string, number>> = {},
  backbone = name,
): Promise<void> {
  const tags = ofTrial(name);
  await addRun(server, `trial ${name}`, { ...tags, 'code.model': backbone }, { 'macro-f1': macroF1, ...figures });
  await addRun(server, `b ${name}`, { ...tags, benchmark_key: `key-${name}` }, { latency_batch_1_ms: ms });
}

async function addRun(
  server: FakeServer,
  name: string,
  tags: Readonly<Record<string, string>>,
  metrics: Readonly<Record<string, number>>,
  experimentName = 'Default',
): Promise<void> {
  const client = new MlflowClient(trackingServer(server.uri, {}));
  await client.createExperiment(experimentName);
  const experiment = await client.getExperiment(experimentName);
  const startTime = server.mlflow.runs.length + 1;
  const draft = { name, startTime, tags: new Map(Object.entries(tags)) };
  const { runId } = await client.createRun(experiment?.id ?? '', draft);
  await client.logBatch(runId, { metrics: new Map(Object.entries(metrics)), params: new Map(), timestamp: startTime });
  await client.endRun(runId, { status: 'FINISHED', endTime: startTime });
}

function runOf(server: FakeServer, name: string): FakeRun {
  const run = server.mlflow.runs.find(({ run_name: each }) => each === name);
  if (run === undefined) {
    throw new Error(`no run ${name}`);
  }
  return run;
}

function idOf(server: FakeServer, name: string): string {
  return runOf(server, name).run_id;
}

/** Somebody deletes a run when the search is over. */
function deleteDuring(server: FakeServer, name: string): void {
  server.trouble = ({ call }) => {
    if (call === 'runs/get') {
      runOf(server, name).lifecycle_stage = 'deleted';
    }
    return undefined;
  };
}
