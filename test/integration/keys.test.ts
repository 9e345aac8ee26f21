import { rm } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { RunStore } from '../../src/store/store.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { latencyRecord, roundOf, samplesOf } from '../store/records.ts';
import { withTrackedLine, type TrackedLine } from './line.ts';
import { withServer } from './server.ts';

const FEW = { iterations: 20, warmup_iterations: 1, rounds: 2 };
const TAGS = { study: 'code.grouping.study_key_hash', trial: 'code.grouping.trial_key_hash' };

describe('a real MLflow server holds to the rules of benchmark keys (rules.md 2)', (it) => {
  const onServer = (name: string, check: (line: TrackedLine) => Promise<void>): void => {
    it(name, async () => await withServer(async (server) => await withTrackedLine(server, check)));
  };

  onServer(
    'the same config is reused from the server; a changed one is measured again, and both are kept whole',
    async (line) => {
      await sameConfigIsReused(line);
      await changedConfigIsMeasuredAgain(line);
      await runsAreWhole(line);
      await ownRecordsAreSelectedFrom(line);
    },
  );

  onServer(
    'three runs of 200, 150 and 210 ms are 210, 200 or 186.67 by latest, median or mean, never 150',
    threeRunsAreOne,
  );

  onServer('runs without a key are found by their hashes, with a warning', runsWithoutKeyAreFound);

  onServer(
    "the artifact is the refit run's until that is deleted; tags are called as the study says",
    refitsAndRenamedTags,
  );
});

/** Scenario 2: what the server has is not measured again, even where the file store lost it. */
async function sameConfigIsReused(line: TrackedLine): Promise<void> {
  await line.writeStudy({ benchmarking: FEW });
  await line.document('measure', '--store', 'mlflow');
  const before = (await line.runs()).map(({ runId }) => runId).toSorted();
  assert.is(before.length, 2);
  await rm(line.path('reports'), { recursive: true });
  const again = await line.cli('measure', '--store', 'mlflow');
  assert.match(again.stderr, /fetched latency-.*\n.*fetched latency-/);
  assert.match(again.stdout + again.stderr, /reused/);
  assert.equal((await line.runs()).map(({ runId }) => runId).toSorted(), before);
}

/** Scenario 1: a changed config never reuses, and both are kept. */
async function changedConfigIsMeasuredAgain(line: TrackedLine): Promise<void> {
  await line.writeStudy({ benchmarking: { ...FEW, iterations: 30 } });
  const { stderr } = await line.cli('measure', '--store', 'mlflow');
  assert.not.match(stderr, /fetched/);
  const runs = await line.runs();
  const keys = new Set(runs.map(({ tags }) => tags.get('benchmark_key')));
  assert.equal([runs.length, keys.size], [4, 4]);
  assert.equal(runs.map(({ params }) => params.get('iterations') ?? '').toSorted(), ['20', '20', '30', '30']);
}

/** The record and its samples as artifacts, the images as dataset input, the hashes whole. */
async function runsAreWhole(line: TrackedLine): Promise<void> {
  const stored = await new RunStore(line.path('reports')).list();
  for (const run of await line.runs()) {
    assert.match(run.tags.get('benchmark_key') ?? '', /^[0-9a-f]{64}$/);
    assert.match(run.tags.get(TAGS.study) ?? '', /^[0-9a-f]{64}$/);
    assert.match(run.tags.get(TAGS.trial) ?? '', /^[0-9a-f]{64}$/);
    assert.ok((run.metrics.get('latency_batch_1_ms') ?? 0) > 0);
    assert.ok(run.metrics.has('latency_batch_1_p50_ms'));
    const [record, samples] = await Promise.all(
      ['record.json', 'samples.json'].map(async (name) => await line.client.downloadArtifact(run, name)),
    );
    const content: unknown = JSON.parse(Buffer.from(record ?? []).toString('utf8'));
    const own = stored.latency.find((each) => each.record_id === run.tags.get('beltbench.record_id'));
    assert.equal(content, own);
    assert.ok((samples?.length ?? 0) > 100);
    const answer = await fetch(`${line.client.server.uri}/api/2.0/mlflow/runs/get?run_id=${run.runId}`);
    const { run: whole } = (await answer.json()) as {
      run: { inputs: { dataset_inputs: { dataset: { digest: string } }[] } };
    };
    const digests = whole.inputs.dataset_inputs.map(({ dataset }) => dataset.digest);
    assert.equal(digests, [run.tags.get('beltbench.data_fingerprint')?.slice(0, 36)]);
  }
}

/** An evaluation is the training run of its candidate; of two keys the newest counts. */
async function ownRecordsAreSelectedFrom(line: TrackedLine): Promise<void> {
  await line.document('evaluate', '--store', 'mlflow');
  const selection = await line.document('select', '--store', 'mlflow', '--objective', 'accuracy');
  const candidates = selection['candidates'] as Record<string, unknown>[];
  assert.equal(candidates.map((each) => String(each['backbone'])).toSorted(), ['plain', 'sharp_eyed']);
  assert.ok(candidates.every((each) => each['benchmark_runs_count'] === 1 && Number(each['benchmark_latency_ms']) > 0));
  assert.equal(Object.keys(candidates[0]?.['per_class'] ?? {}).toSorted(), ['defect', 'fine']);
  assert.match((selection['warnings'] as string[]).join('\n'), /was benchmarked under 2 keys/);
}

/** Scenario 3: 200, 150 and 210 ms of one key. */
async function threeRunsAreOne(line: TrackedLine): Promise<void> {
  const store = new RunStore(line.path('reports'));
  for (const [index, ms] of [200, 150, 210].entries()) {
    const record = latencyRecord(`latency-${index}`, `2026-03-01T08:0${index}:00.000Z`);
    const batch = { n: 2, mean_ms: ms, std_ms: 1, min_ms: ms, median_ms: ms, max_ms: ms };
    const samples = { 'samples.json': samplesOf(roundOf(1)) };
    await store.write({ ...record, batch_1: batch, metrics: { latency_batch_1_ms: ms } }, samples);
  }
  const synced = await line.document('sync');
  assert.is(synced['written'], 3);
  const { study_key_hash: study, trial_key_hash: trial } = latencyRecord('any');
  await addRun(line, 'training', { [TAGS.study]: study, [TAGS.trial]: trial }, { 'macro-f1': 0.9 });
  for (const [aggregation, ms] of [
    ['latest', 210],
    ['median', 200],
    ['mean', 560 / 3],
  ] as const) {
    await line.writeStudy({ benchmark: { latency_aggregation: aggregation } });
    const selection = await line.document('select', '--store', 'mlflow');
    const [candidate] = selection['candidates'] as { benchmark_latency_ms: number; benchmark_runs_count: number }[];
    near(candidate?.benchmark_latency_ms, ms, 0.005);
    assert.is(candidate?.benchmark_runs_count, 3);
  }
}

/** Scenario 4: older runs are found by their hashes, with a warning that says how to fix it. */
async function runsWithoutKeyAreFound(line: TrackedLine): Promise<void> {
  const tags = { [TAGS.study]: 's'.repeat(64), [TAGS.trial]: 't'.repeat(64) };
  await addRun(line, 'training', { ...tags, 'code.model': 'vgg' }, { 'macro-f1': 0.91 });
  await addRun(line, 'older', tags, { latency_batch_1_ms: 20 });
  await addRun(line, 'newer', tags, { latency_batch_1_ms: 21 });
  await addRun(line, 'untagged', {}, { latency_batch_1_ms: 1 });
  const selection = await line.document('select', '--store', 'mlflow');
  const configuration = best(selection);
  assert.is(configuration['backbone'], 'vgg');
  assert.is(configuration['benchmark_key'], `legacy_${'t'.repeat(64)}`);
  assert.is(configuration['benchmark_runs_count'], 2);
  const warnings = (selection['warnings'] as string[]).join('\n');
  assert.match(warnings, /have no benchmark_key and are matched by their study and trial hashes/);
  assert.match(warnings, /1 benchmark run left out/);
}

/** The artifact of the refit run, tags under the study's names, trainings of another experiment, a run deleted. */
async function refitsAndRenamedTags(line: TrackedLine): Promise<void> {
  const names = { study_key_hash: 'their.study', trial_key_hash: 'their.trial' };
  const training = `${line.experiment} trainings`;
  const mlflow = { tracking_uri: line.client.server.uri, experiment: line.experiment };
  await line.writeStudy({
    mlflow: { ...mlflow, training_experiments: [training] },
    tags: { grouping: names, backbone: 'their.net' },
    selection: { accuracy_threshold: 0.02 },
  });
  const fast = { 'their.study': 's', 'their.trial': 'fast' };
  const exact = { 'their.study': 's', 'their.trial': 'exact' };
  await addRun(line, 'b', { ...fast, benchmark_key: 'k1' }, { latency_batch_1_ms: 10 });
  await addRun(line, 'b', { ...exact, benchmark_key: 'k2' }, { latency_batch_1_ms: 30 });
  const other = { ...line, experiment: training };
  await addRun(other, 'fast', { ...fast, 'their.net': 'small', 'code.stage': 'hpo' }, { 'macro-f1': 0.9 });
  await addRun(other, 'exact', { ...exact, 'their.net': 'large', 'code.stage': 'hpo' }, { 'macro-f1': 0.91 });
  const refit = await addRun(other, 'refit', { ...fast, 'code.stage': 'hpo_refit' }, {});
  const first = best(await line.document('select', '--store', 'mlflow'));
  assert.equal([first['backbone'], first['artifact_run_id']], ['small', refit]);
  await line.client.deleteRun(refit);
  const second = best(await line.document('select', '--store', 'mlflow'));
  assert.equal([second['backbone'], second['artifact_run_id']], ['small', second['trial_run_id']]);
}

async function addRun(
  { client, experiment: name }: Pick<TrackedLine, 'client' | 'experiment'>,
  runName: string,
  tags: Readonly<Record<string, string>>,
  metrics: Readonly<Record<string, number>>,
): Promise<string> {
  await client.createExperiment(name);
  const experiment = await client.getExperiment(name);
  const startTime = Date.now();
  const draft = { name: runName, startTime, tags: new Map(Object.entries(tags)) };
  const { runId } = await client.createRun(experiment?.id ?? '', draft);
  await client.logBatch(runId, { metrics: new Map(Object.entries(metrics)), params: new Map(), timestamp: startTime });
  await client.endRun(runId, { status: 'FINISHED', endTime: startTime });
  return runId;
}

function best(selection: Record<string, unknown>): Record<string, unknown> {
  return selection['best_configuration'] as Record<string, unknown>;
}
