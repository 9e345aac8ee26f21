import * as assert from 'uvu/assert';
import { joinTrials } from '../../../src/decide/tracked/joinTrials.ts';
import type { MlflowRun } from '../../../src/records/mlflow.ts';
import { mulberry32, shuffle } from '../../../src/stats/prng.ts';
import { describe } from '../../describe.ts';
import { near } from '../../stats/close.ts';
import { benchmark, ofTrial, SETTINGS, trackedRun, training } from './factories.ts';

const join = (runs: readonly MlflowRun[], settings = SETTINGS) => {
  const { joined, notes } = joinTrials(runs, settings);
  return { trials: joined.map(({ trial }) => trial), runIds: joined.map(({ runIds }) => runIds), notes };
};
const THREE_RUNS = [
  training('t', 'a', 0.9),
  benchmark('b1', 'a', 200, { start: 1 }),
  benchmark('b2', 'a', 150, { start: 2 }),
  benchmark('b3', 'a', 210, { start: 3 }),
];

describe('joinTrials: three finished runs of one key are one candidate (rules.md 2)', (it) => {
  for (const [aggregation, ms, run] of [
    ['latest', 210, 'b3'],
    ['median', 200, 'b1'],
    ['mean', 560 / 3, 'b1'],
  ] as const) {
    it(`200, 150 and 210 ms are ${ms.toFixed(2)} by ${aggregation}, never the best ever`, () => {
      for (let seed = 1; seed <= 10; seed += 1) {
        const { trials, notes } = join(shuffle(THREE_RUNS, mulberry32(seed)), { ...SETTINGS, aggregation });
        assert.is(trials.length, 1);
        near(trials[0]?.latencyMs[1], ms, 1e-9);
        assert.match(notes.join('\n'), /counts with [\d.]+ ms, from 3 runs of 150\.0 ms to 210\.0 ms/);
        assert.is(trials[0]?.benchmarkRuns, 3);
        assert.is(trials[0]?.fields['benchmark_runs_count'], 3);
        assert.is(trials[0]?.fields['benchmark_run_id'], run);
        assert.equal([trials[0]?.fields['latency_lowest_ms'], trials[0]?.fields['latency_highest_ms']], [150, 210]);
      }
    });
  }

  it('a failed, an unfinished and a NaN run do not count', () => {
    const { trials, notes } = join([
      ...THREE_RUNS.slice(0, 2),
      benchmark('b2', 'a', 150, { start: 2, status: 'FAILED' }),
      benchmark('b3', 'a', 140, { start: 3, status: 'RUNNING' }),
      benchmark('b4', 'a', 'NaN', { start: 4 }),
      benchmark('b5', 'a', 0, { start: 5 }),
    ]);
    assert.is(trials[0]?.latencyMs[1], 200);
    assert.is(trials[0]?.benchmarkRuns, 1);
    assert.match(notes.join('\n'), /2 runs left out: failed, not finished or deleted \(b2, b3\)/);
  });

  it('a group without a valid latency is skipped, and said', () => {
    const { trials, notes } = join([training('t', 'a', 0.9), benchmark('b', 'a', 'NaN')]);
    assert.equal(trials, []);
    assert.match(
      notes.join('\n'),
      /a\/trial_a \(macro-f1 0\.9000; trial a of study study\) with key key-a is skipped: none of its 1 benchmark run/,
    );
  });

  it('a run that lacks one of `required_metrics` is no candidate', () => {
    const settings = { ...SETTINGS, requiredMetrics: ['latency_batch_1_ms', 'latency_batch_8_ms'] };
    const whole = { metrics: { latency_batch_1_ms: 20, latency_batch_8_ms: 90 }, start: 1 };
    const { trials, notes } = join(
      [training('t', 'a', 0.9), benchmark('b1', 'a', 20, whole), benchmark('b2', 'a', 10, { start: 2 })],
      settings,
    );
    assert.equal(trials[0]?.latencyMs, { 1: 20, 8: 90 });
    assert.match(
      notes.join('\n'),
      /benchmark runs of a\/trial_a \(macro-f1 0\.9000; .*\) with key key-a left out: they lack the required latency_batch_8_ms/,
    );
  });
});

describe('joinTrials: keys (rules.md 2)', (it) => {
  it('a changed config has a key of its own: the newest counts, the other stays visible', () => {
    const { trials, notes } = join([
      training('t', 'a', 0.9),
      benchmark('new', 'a', 30, { start: 9, tags: { benchmark_key: 'changed' } }),
      benchmark('old', 'a', 20, { start: 1 }),
    ]);
    assert.equal([trials.length, trials[0]?.latencyMs[1], trials[0]?.benchmarkRuns], [1, 30, 1]);
    assert.match(notes.join('\n'), /benchmarked under 2 keys: changed counts, key-a not/);
  });

  it('runs without a key are found by their hashes, with a warning that says how to fix it', () => {
    const legacy = ['x', 'y'].map((id, index) =>
      trackedRun({ id, tags: ofTrial('a'), metrics: { latency_batch_1_ms: 20 + index }, start: index }),
    );
    const { trials, notes } = join([training('t', 'a', 0.9), ...legacy]);
    assert.equal([trials[0]?.latencyMs[1], trials[0]?.benchmarkRuns], [21, 2]);
    assert.is(trials[0]?.fields['benchmark_key'], 'legacy_a');
    assert.match(
      notes.join('\n'),
      /have no benchmark_key and are matched by their study and trial hashes.*benchmark again/,
    );
  });

  it('a run without a key whose own settings contradict the config does not match', () => {
    const run = (id: string, params: Record<string, string>, ms: number) =>
      trackedRun({ id, tags: ofTrial('a'), params, metrics: { latency_batch_1_ms: ms }, start: ms });
    const runs = [
      run('same', { iterations: '100', batch_sizes: '[1, 8]', threads: '4' }, 20),
      run('silent', {}, 21),
      run('other', { iterations: '50', batch_sizes: '1,8' }, 22),
    ];
    const settings = { ...SETTINGS, benchmarking: { iterations: 100, batch_sizes: [1, 8], max_length: null } };
    const { trials, notes } = join([training('t', 'a', 0.9), ...runs], settings);
    assert.equal([trials[0]?.latencyMs[1], trials[0]?.benchmarkRuns], [21, 2]);
    assert.match(notes.join('\n'), /without a key left out: made with other iterations than configured/);
    const keyed = benchmark('k', 'a', 9, { params: { iterations: '7' } });
    assert.is(join([training('t', 'a', 0.9), keyed], settings).trials[0]?.latencyMs[1], 9);
  });

  it('runs with a key come before newer ones without', () => {
    const legacy = trackedRun({ id: 'x', tags: ofTrial('a'), metrics: { latency_batch_1_ms: 5 }, start: 99 });
    const { trials } = join([training('t', 'a', 0.9), benchmark('b', 'a', 20, { start: 1 }), legacy]);
    assert.is(trials[0]?.fields['benchmark_run_id'], 'b');
  });

  it('two keys with the same beginning are two groups', () => {
    const [one, two] = ['1', '2'].map((end) => `${'ab'.repeat(31)}a${end}`);
    const { trials } = join([
      training('t', 'a', 0.9),
      benchmark('b1', 'a', 20, { start: 1, tags: { benchmark_key: one ?? '' } }),
      benchmark('b2', 'a', 30, { start: 2, tags: { benchmark_key: two ?? '' } }),
    ]);
    assert.equal([trials[0]?.latencyMs[1], trials[0]?.benchmarkRuns], [30, 1]);
  });

  it('prefers the host that most trials were measured on, and warns where hosts differ all the same', () => {
    const on = (host: string, key: string) => ({ tags: { 'beltbench.host_class': host, benchmark_key: key } });
    const runs = [
      training('ta', 'a', 0.9),
      training('tb', 'b', 0.8),
      benchmark('a1', 'a', 20, { start: 1, ...on('pc', 'k1') }),
      benchmark('a2', 'a', 10, { start: 9, ...on('laptop', 'k2') }),
      benchmark('b1', 'b', 15, { start: 1, ...on('pc', 'k3') }),
    ];
    const together = join(runs);
    const chosen = together.trials.map(({ latencyMs }) => String(latencyMs[1]));
    assert.equal(chosen.toSorted(), ['15', '20']);
    assert.not.match(together.notes.join('\n'), /different hosts/);
    const apart = join(runs.filter(({ runId }) => runId !== 'a1'));
    assert.match(apart.notes.join('\n'), /on 2 different hosts \(pc, laptop\): their latencies do not compare/);
  });

  it('prefers the number of threads that most trials were measured with, and warns where it differs all the same', () => {
    const withThreads = (threads: string, key: string) => ({ params: { threads }, tags: { benchmark_key: key } });
    const runs = [
      training('ta', 'a', 0.9),
      training('tb', 'b', 0.8),
      benchmark('a1', 'a', 20, { start: 1, ...withThreads('1', 'k1') }),
      benchmark('a2', 'a', 11, { start: 9, ...withThreads('2', 'k2') }),
      benchmark('b1', 'b', 15, { start: 1, ...withThreads('1', 'k3') }),
    ];
    const together = join(runs);
    const chosen = together.trials.map(({ latencyMs }) => String(latencyMs[1]));
    assert.equal(chosen.toSorted(), ['15', '20']);
    assert.not.match(together.notes.join('\n'), /numbers of threads/);
    const apart = join(runs.filter(({ runId }) => runId !== 'a1'));
    assert.match(apart.notes.join('\n'), /different numbers of threads \(1, 2\): their latencies do not compare/);
  });
});

describe('joinTrials: training runs (rules.md 2)', (it) => {
  it('the metric comes from the trial, the artifact from its refit run', () => {
    const refit = training('r', 'a', 0.99, { tags: { 'code.stage': 'hpo_refit' }, start: 5 });
    const { trials, runIds } = join([...THREE_RUNS, refit]);
    assert.is(trials[0]?.runs[0]?.metrics['macro-f1'], 0.9);
    assert.is(trials[0]?.fields['artifact_run_id'], 'r');
    assert.is(trials[0]?.fields['artifact_uri'], 'mlflow-artifacts:/1/r/artifacts');
    assert.is(trials[0]?.fields['trial_run_id'], 't');
    assert.equal(runIds, [['b3', 't', 'r']]);
  });

  it("without a refit run the artifact is the trial's", () => {
    const { trials } = join([...THREE_RUNS, training('r', 'b', 0.99, { tags: { 'code.stage': 'hpo_refit' } })]);
    assert.is(trials[0]?.fields['artifact_run_id'], 't');
    assert.is(trials[0]?.fields['refit_run_id'], null);
  });

  for (const [what, params, tags, expected] of [
    ['the parameter', { backbone: 'resnet18' }, { 'code.backbone': 'x', 'code.model': 'y' }, 'resnet18'],
    ['else its backbone tag', { backbone: ' ' }, { 'code.backbone': 'resnet34', 'code.model': 'y' }, 'resnet34'],
    ['else the tag code.model', {}, { 'code.model': 'resnet50' }, 'resnet50'],
  ] as const) {
    it(`the backbone is ${what}`, () => {
      const run = training('t', 'a', 0.9, { params, tags });
      assert.is(join([...THREE_RUNS.slice(1), run]).trials[0]?.backbone, expected);
    });
  }

  it('a backbone that nothing names is `unknown`, with a warning', () => {
    const { trials, notes } = join([...THREE_RUNS.slice(1), training('t', 'a', 0.9, { params: {} })]);
    assert.is(trials[0]?.backbone, 'unknown');
    assert.match(notes.join('\n'), /the backbone of run t is unknown/);
  });

  it('the study may rename the tags', () => {
    const tags = { ...SETTINGS.tags, studyKeyHash: 'study', trialKeyHash: 'trial', backbone: 'net', stage: 'step' };
    const own = { study: 's', trial: 'x' };
    const { trials } = join(
      [
        trackedRun({ id: 't', tags: { ...own, net: 'vgg', step: 'hpo' }, metrics: { 'macro-f1': 0.8 } }),
        trackedRun({ id: 'r', tags: { ...own, step: 'hpo_refit' } }),
        trackedRun({ id: 'b', tags: { ...own, benchmark_key: 'k' }, metrics: { latency_batch_1_ms: 12 } }),
      ],
      { ...SETTINGS, tags },
    );
    assert.equal([trials[0]?.backbone, trials[0]?.fields['artifact_run_id']], ['vgg', 'r']);
  });

  it('of two training runs of one trial the latest counts, and folds below it do not', () => {
    const fold = training('f', 'a', 0.1, { start: 9, tags: { 'mlflow.parentRunId': 't2' } });
    const { trials, notes } = join([
      ...THREE_RUNS.slice(1),
      training('t1', 'a', 0.7, { start: 1 }),
      training('t2', 'a', 0.8, { start: 2 }),
      fold,
    ]);
    assert.is(trials[0]?.runs[0]?.metrics['macro-f1'], 0.8);
    assert.match(notes.join('\n'), /has 2 training runs: the latest, t2, counts/);
  });

  for (const stage of ['hpo', 'hpo_refit']) {
    it(`a run of the stage ${stage} that holds a key and a latency is a benchmark too`, () => {
      const tags = { benchmark_key: 'k', 'code.stage': stage };
      const metrics = { 'macro-f1': 0.95, latency_batch_1_ms: 2 };
      const own = stage === 'hpo' ? [] : [training('t', 'a', 0.9)];
      const { trials, notes } = join([...own, training('x', 'a', 0.95, { tags, metrics, start: 9 })]);
      assert.equal([trials[0]?.latencyMs[1], trials[0]?.fields['artifact_run_id']], [2, 'x']);
      assert.equal(notes, []);
    });
  }

  it('trials of one name keep apart', () => {
    const runs = ['s1', 's2'].flatMap((study) => [
      training(`t-${study}`, 'a', 0.9, { name: 'trial_0', tags: ofTrial('a', study) }),
      benchmark(`b-${study}`, 'a', 20, { tags: ofTrial('a', study) }),
    ]);
    assert.equal(
      join(runs).trials.map(({ trialName }) => trialName),
      ['trial_0', 'trial_0-a'],
    );
  });

  it('an evaluation that beltbench synced holds a metric and figures per class', () => {
    const metrics = { 'macro-f1': 0.9, 'f1.pit': 0.8, 'recall.pit': 0.7, 'support.pit': 566, 'f1.a.b': 0.5 };
    const evaluation = trackedRun({ id: 'e', tags: { ...ofTrial('a'), 'beltbench.kind': 'evaluation' }, metrics });
    const latency = benchmark('l', 'a', 12, {
      tags: { 'beltbench.kind': 'latency' },
      metrics: { latency_batch_1_ms: 12, parameter_count: 11e6, model_size_bytes: 44e6 },
    });
    const { trials } = join([evaluation, latency]);
    assert.equal(trials[0]?.runs[0]?.perClass, { pit: { f1: 0.8, recall: 0.7, support: 566 }, 'a.b': { f1: 0.5 } });
    assert.equal([trials[0]?.parameters, trials[0]?.sizeBytes], [11e6, 44e6]);
  });
});
