import * as assert from 'uvu/assert';
import { joinTrials } from '../../../src/decide/tracked/joinTrials.ts';
import type { MlflowRun } from '../../../src/records/mlflow.ts';
import { describe } from '../../describe.ts';
import { benchmark, ofTrial, SETTINGS, trackedRun, training } from './factories.ts';

const join = (runs: readonly MlflowRun[], settings = SETTINGS) => {
  const { joined, notes } = joinTrials(runs, settings);
  return { trials: joined.map(({ trial }) => trial), notes };
};
const MEASURED = [training('t', 'a', 0.9), benchmark('b', 'a', 210)];

describe('joinTrials: what cannot be joined is said', (it) => {
  it('runs without tags', () => {
    const { trials, notes } = join([
      trackedRun({ id: 'b', metrics: { latency_batch_1_ms: 3 } }),
      trackedRun({ id: 't', metrics: { 'macro-f1': 0.99 }, tags: { 'code.grouping.study_key_hash': '' } }),
    ]);
    assert.equal(trials, []);
    assert.match(
      notes.join('\n'),
      /1 benchmark run left out \(b\): without the tags code\.grouping\.study_key_hash and/,
    );
    assert.match(notes.join('\n'), /1 training run left out \(t\): .* name yours under `tags\.grouping`/);
  });

  it('a benchmark without a training run, and trainings without a benchmark', () => {
    const { trials, notes } = join([benchmark('b', 'a', 3), training('t', 'b', 0.9), training('u', 'c', 0.99)]);
    assert.equal(trials, []);
    assert.match(
      notes.join('\n'),
      /trial a of study study is skipped: no finished training run with its hashes holds macro-f1/,
    );
    assert.match(
      notes.join('\n'),
      /2 trials without a benchmark left out, the best first: c\/trial_c \(macro-f1 0\.9900; trial c of study study\), b\/trial_b \(macro-f1 0\.9000; .*\); `beltbench measure` makes one/,
    );
  });

  it('a trial whose only benchmark does not count, by its name and once', () => {
    const settings = { ...SETTINGS, benchmarking: { iterations: 1000, threads: 1 } };
    const params = { iterations: '5', threads: '64', batch_size: '1' };
    const legacy = trackedRun({ id: 'b', tags: ofTrial('a'), params, metrics: { latency_batch_1_ms: 5 } });
    const { trials, notes } = join([training('t', 'a', 0.9), legacy], settings);
    assert.equal(trials, []);
    assert.match(
      notes.join('\n'),
      /a\/trial_a \(.*\) without a key left out: made with other iterations, threads than/,
    );
    assert.match(notes.join('\n'), /a\/trial_a \(.*\) without a key is skipped: no benchmark run of it counts/);
    assert.not.match(notes.join('\n'), /without a benchmark/);
  });

  it('a benchmark run without a training by the name of the run', () => {
    const { notes } = join([benchmark('b', 'a', 3, { name: 'latency r18' })]);
    assert.match(notes.join('\n'), /"latency r18" \(trial a of study study\) is skipped: no finished training run/);
  });

  it('names no more trials than one reads', () => {
    const { notes } = join(Array.from({ length: 30 }, (_, index) => training(`t${index}`, `a${index}`, index / 100)));
    assert.match(
      notes.join('\n'),
      /30 trials without .* first: a29\/trial_a29 \(macro-f1 0\.2900; .*\), and 25 more; `beltbench/,
    );
    assert.ok(notes.join('').length < 700, notes.join(''));
  });

  it('runs of another schema are none of ours', () => {
    const foreign = [
      trackedRun({ id: 'x', tags: { 'mlflow.user': 'me' }, metrics: { loss: 1 } }),
      trackedRun({ id: 'y', tags: { ...ofTrial('a'), 'beltbench.kind': 'decision' }, metrics: { 'macro-f1': 1 } }),
      trackedRun({ id: 'z' }),
    ];
    const { trials, notes } = join([...MEASURED, ...foreign]);
    assert.equal([trials.length, notes], [1, join(MEASURED).notes]);
  });
});
