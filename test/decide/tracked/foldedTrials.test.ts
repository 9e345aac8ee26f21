import * as assert from 'uvu/assert';
import { joinTrials } from '../../../src/decide/tracked/joinTrials.ts';
import { bestPerBackbone } from '../../../src/decide/trials/scoreTrials.ts';
import type { MlflowRun } from '../../../src/records/mlflow.ts';
import { mulberry32, shuffle } from '../../../src/stats/prng.ts';
import { describe } from '../../describe.ts';
import { near } from '../../stats/close.ts';
import { benchmark, ofTrial, SETTINGS, trackedRun, training, type RunText } from './factories.ts';

const PARENT = 'mlflow.parentRunId';

function fold(index: number, macroF1: number | 'NaN', { tags, ...more }: Partial<RunText> = {}): MlflowRun {
  const own = { name: `trial_a_fold${index}`, start: 10 + index, ...more };
  return training(`f${index}`, 'a', macroF1, { ...own, tags: { [PARENT]: 't', ...tags } });
}

/** The trial's own run, which holds no metric, and its folds. */
const TRIAL = trackedRun({
  id: 't',
  tags: { ...ofTrial('a'), 'code.stage': 'hpo' },
  params: { backbone: 'vgg' },
  name: 'trial_a',
  start: 1,
});
const FOLDS = [fold(0, 0.7), fold(1, 0.8), fold(2, 0.95)];
const BENCHMARK = benchmark('b', 'a', 8);

function join(runs: readonly MlflowRun[]) {
  const { joined, notes } = joinTrials(runs, SETTINGS);
  const trials = joined.map(({ trial }) => trial);
  const { entered, warnings } = bestPerBackbone(trials, { ...RULES, everyTrialEnters: true });
  return { trial: trials[0], scored: entered[0], runIds: joined[0]?.runIds, notes: [...notes, ...warnings].join('\n') };
}

const RULES = { metric: 'macro-f1', accuracyThreshold: null, useRelativeThreshold: true, minAccuracyGain: null };

describe('joinTrials: k-fold trials (rules.md 1 and 2)', (it) => {
  it('the folds below a trial are averaged, with their standard deviation; none is the trial', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { trial, scored, runIds } = join(shuffle([TRIAL, ...FOLDS, BENCHMARK], mulberry32(seed)));
      near(scored?.value, 2.45 / 3, 1e-12);
      near(scored?.std, 0.125830573921179, 1e-12);
      assert.is(scored?.id, 'vgg/trial_a');
      assert.equal(
        trial?.runs.map(({ fold: number }) => number),
        [0, 1, 2],
      );
      assert.is(trial?.fields['trial_run_id'], 't');
      assert.is(trial?.fields['artifact_run_id'], 't');
      assert.equal(trial?.fields['fold_run_ids'], ['f0', 'f1', 'f2']);
      assert.equal(runIds, ['b', 't', 'f0', 'f1', 'f2']);
    }
  });

  it('folds that their names do not number are averaged too', () => {
    const unnamed = FOLDS.map((run, index) =>
      fold(index, run.metrics.get('macro-f1') ?? 'NaN', { name: 'shy-fox', params: {} }),
    );
    const { trial, scored } = join([TRIAL, ...unnamed, BENCHMARK]);
    near(scored?.value, 2.45 / 3, 1e-12);
    assert.equal(
      trial?.runs.map(({ fold: number }) => number),
      [undefined, undefined, undefined],
    );
  });

  it('folds without a run of their trial are grouped by the name before `_foldN`, and that is said', () => {
    const loose = FOLDS.map((run, index) =>
      fold(index, run.metrics.get('macro-f1') ?? 'NaN', { tags: { [PARENT]: '' } }),
    );
    const { scored, notes } = join([...loose, BENCHMARK]);
    near(scored?.value, 2.45 / 3, 1e-12);
    assert.is(scored?.id, 'a/trial_a');
    assert.match(notes, /a\/trial_a .* has no run of its own: the artifact is that of its last fold, f2/);
  });

  it('folds whose trial was deleted are averaged all the same', () => {
    const { scored, trial } = join([...FOLDS, BENCHMARK]);
    near(scored?.value, 2.45 / 3, 1e-12);
    assert.is(trial?.fields['trial_run_id'], 'f2');
  });

  it('a trial that failed has no value, whatever its folds hold', () => {
    const failed = trackedRun({ id: 't', tags: ofTrial('a'), status: 'FAILED' });
    const { trial, notes } = join([failed, ...FOLDS, BENCHMARK, training('x', 'x', 0.5), benchmark('bx', 'x', 3)]);
    assert.is(trial?.trialName, 'trial_x');
    assert.match(notes, /3 folds of run t left out: that is FAILED/);
  });

  it('a fold without the metric, or that failed, is missing, and said', () => {
    const failed = fold(1, 0.8, { status: 'FAILED' });
    const { scored, notes } = join([TRIAL, fold(0, 0.7), failed, fold(2, 0.95), BENCHMARK]);
    near(scored?.value, 0.825, 1e-12);
    assert.match(notes, /vgg\/trial_a has 2 of 3 folds \(missing: 1\)/);
  });

  it('a fold that was run again counts once, with its latest run', () => {
    const again = training('f2b', 'a', 0.9, { name: 'trial_a_fold2', start: 99, tags: { [PARENT]: 't' } });
    const { scored, notes } = join([TRIAL, ...FOLDS, again, BENCHMARK]);
    near(scored?.value, 0.8, 1e-12);
    assert.match(notes, /fold 2 of run t was run 2 times: the latest, f2b, counts/);
  });

  it('runs of one trial below a search are no folds: the latest counts', () => {
    const search = trackedRun({ id: 's', tags: { 'code.grouping.study_key_hash': 'study' } });
    const runs = [0.7, 0.6].map((value, index) =>
      training(`r${index}`, 'a', value, { start: index, tags: { [PARENT]: 's' } }),
    );
    const { scored, notes } = join([search, ...runs, BENCHMARK]);
    assert.is(scored?.value, 0.6);
    assert.match(notes, /has 2 training runs: the latest, r1, counts/);
  });

  it("the metric of the trial's own run comes before its folds", () => {
    const { scored } = join([training('t', 'a', 0.81, { start: 1 }), ...FOLDS, BENCHMARK]);
    assert.equal([scored?.value, scored?.std], [0.81, undefined]);
  });

  it('a refit has the artifact', () => {
    const refit = training('r', 'a', 1, { tags: { 'code.stage': 'hpo_refit', [PARENT]: 't' }, start: 99 });
    const { scored, trial } = join([TRIAL, ...FOLDS, refit, BENCHMARK]);
    near(scored?.value, 2.45 / 3, 1e-12);
    assert.is(trial?.fields['artifact_run_id'], 'r');
  });
});
