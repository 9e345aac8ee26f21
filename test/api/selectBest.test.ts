import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { selectBest, type Candidate } from '../../src/index.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { rejects } from '../throws.ts';

const LARGE: Candidate = { backbone: 'deberta', trialName: 'trial_2', accuracy: 0.8, parameters: 184e6 };
const SMALL: Candidate = { backbone: 'distilbert', trialName: 'trial_0', accuracy: 0.79, parameters: 66e6 };

/** As a caller from JavaScript, whom no type stops. */
const selectAnything = (source: unknown, options?: unknown) => selectBest(source as Candidate[], options as object);

const nameOf = (selection: { best_configuration: { backbone: string } }) => selection.best_configuration.backbone;

async function withTree(files: Readonly<Record<string, unknown>>, use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-library-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(join(dir, path, '..'), { recursive: true });
      await writeFile(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content));
    }
    await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

describe('selectBest of the library, in memory', (it) => {
  it('judges speed by parameters, 66 M as 1.0 and 184 M as 2.79, without a benchmark (rules.md 1)', () => {
    const { best_configuration: best, warnings } = selectBest([LARGE, SMALL], { preset: 'balanced' });
    assert.equal([best.backbone, best.trial_name], ['distilbert', 'trial_0']);
    const { selection_criteria: criteria } = best;
    assert.equal(
      criteria.all_candidates.map(({ speed_score: score }) => score?.toFixed(2)),
      ['2.79', '1.00'],
    );
    assert.equal([criteria.speed_data_source, criteria.metric], ['parameter_proxy', 'macro-f1']);
    assert.match(warnings.join('\n'), /no benchmark for deberta\/trial_2, distilbert\/trial_0/);
  });

  it('takes every key of the selection per call, and says so (rules.md 1)', () => {
    assert.is(nameOf(selectBest([LARGE, SMALL])), 'deberta');
    const loose = selectBest([LARGE, SMALL], { accuracyThreshold: 0.015 });
    assert.is(nameOf(loose), 'distilbert');
    assert.match(loose.overrides.join('\n'), /^accuracy_threshold 0\.015 instead of null/);
    const absolute = { accuracyThreshold: 0.009, useRelativeThreshold: false };
    assert.is(nameOf(selectBest([LARGE, SMALL], absolute)), 'deberta');
    assert.is(nameOf(selectBest([LARGE, SMALL], { ...absolute, minAccuracyGain: 0.01 })), 'distilbert');
    assert.is(nameOf(selectBest([LARGE, SMALL], { preset: 'balanced', accuracyThreshold: null })), 'deberta');
    const named = selectBest([LARGE, SMALL], { objective: 'macro-f1-span' });
    assert.is(named.best_configuration.selection_criteria.metric, 'macro-f1-span');
  });

  it('bounds a threshold only where it is a share of the best', async () => {
    const percent = [LARGE, SMALL].map((each) => ({ ...each, accuracy: Number(each.accuracy) * 100 }));
    const options = { accuracyThreshold: 1.5, useRelativeThreshold: false, thresholds: [2] };
    assert.is(nameOf(selectBest(percent, options)), 'distilbert');
    await rejects(
      () => selectBest(percent, { accuracyThreshold: 1.5 }),
      /^selectBest: `accuracyThreshold` must be at most 1/,
    );
    await rejects(
      () => selectBest(percent, { accuracyThreshold: -1 }),
      /^selectBest: `accuracyThreshold` must be at least 0/,
    );
  });

  it('lets every candidate of the list enter, also two of one backbone', () => {
    const int8 = { backbone: 'resnet18', trialName: 'int8', accuracy: 0.99, latencyMs: 3 };
    const fp32 = { backbone: 'resnet18', trialName: 'fp32', accuracy: 0.995, latencyMs: 8 };
    const { best_configuration: best, candidates } = selectBest([fp32, int8], { preset: 'balanced' });
    assert.is(best.trial_name, 'int8');
    assert.is(candidates.length, 2);
  });

  it('tells fold noise, the frontier and what other thresholds would select', () => {
    const folds = [LARGE, SMALL].map((each, index) => ({
      ...each,
      accuracy: [0.8, 0.82, 0.78].map((f) => f - index / 100),
    }));
    const selection = selectBest(folds, { thresholds: [null, 0.02] });
    assert.equal(
      selection.thresholds.map(({ backbone }) => backbone),
      ['deberta', 'distilbert'],
    );
    near(selection.candidates[0]?.std ?? undefined, 0.02, 1e-12);
    assert.is(selection.fold_differences[0]?.method, 'paired_t');
    assert.ok(selection.candidates.every((each) => each.on_frontier));
  });

  it('ranks by class priorities', () => {
    const perClass = (pit: number, clean: number) => ({ perClass: { pit: { f1: pit }, clean: { f1: clean } } });
    const candidates = [
      { ...LARGE, ...perClass(0.7, 0.95) },
      { ...SMALL, ...perClass(0.9, 0.8) },
    ];
    const { best_configuration: best } = selectBest(candidates, { classPriorities: { pit: 2, clean: 1 } });
    assert.is(best.backbone, 'distilbert');
    near(best.selection_criteria.best_value, (2 * 0.9 + 0.8) / 3, 1e-12);
  });

  it('takes per-class figures for those of the whole trial, also where the accuracy is one of each fold', () => {
    const perClass = { pit: { f1: 0.9 } };
    const { best_configuration: best, warnings } = selectBest([{ ...LARGE, accuracy: [0.9, 0.91, 0.92], perClass }], {
      classPriorities: { pit: 1 },
    });
    assert.is(best.selection_criteria.best_value, 0.9);
    assert.equal(
      warnings.filter((warning) => warning.includes('fold')),
      [],
    );
  });

  const strange: [string, unknown, unknown, RegExp][] = [
    ['nothing', undefined, undefined, /^selectBest, candidates: the top level is missing: expected a list/],
    ['no candidates', [], undefined, /must have at least 1 entry/],
    ['a candidate without an accuracy', [{ backbone: 'a', trialName: 't' }], undefined, /`0\.accuracy` is missing/],
    ['an accuracy of NaN', [{ ...LARGE, accuracy: Number.NaN }], undefined, /`0\.accuracy`.*NaN/],
    ['a latency of nothing', [{ ...LARGE, latencyMs: 0 }], undefined, /`0\.latencyMs` must be above 0, received 0/],
    ['a misspelt key', [{ ...LARGE, latencyMS: 3 }], undefined, /unknown key `latencyMS`.*`latencyMs`/],
    ['one name twice', [LARGE, LARGE], undefined, /\["deberta","trial_2"\] twice; rename one/],
    ['a threshold in percent', [LARGE], { accuracyThreshold: 1.5 }, /`accuracyThreshold`.*0\.015, not in percent/],
    ['a threshold as text', [LARGE], { accuracyThreshold: 'none' }, /`accuracyThreshold`: expected a number/],
    ['an unknown preset', [LARGE], { preset: 'balance' }, /`preset`: expected .*did you mean `balanced`/],
    ['an unknown option', [LARGE], { treshold: 0.1 }, /unknown key `treshold`/],
    ['a configuration in memory', [LARGE], { config: 'prod.yaml' }, /unknown key `config`/],
    ['two objectives', [LARGE], { objective: 'f', classPriorities: { pit: 1 } }, /received both `objective` and/],
    ['priorities without weight', [LARGE], { classPriorities: { pit: 0 } }, /at least one above 0/],
    ['priorities of unknown classes', [LARGE], { classPriorities: { pit: 1 } }, /none of 1 trial can be ranked/],
  ];
  for (const [what, source, options, message] of strange) {
    it(`refuses ${what} in one line`, async () => await rejects(() => selectAnything(source, options), message));
  }
});

describe('selectBest of the library, on a folder', (it) => {
  const TREE = {
    'deberta/trial_2_fold0/metrics.json': { 'macro-f1': 0.79 },
    'deberta/trial_2_fold1/metrics.json': { 'macro-f1': 0.81 },
    'deberta/trial_9/metrics.json': { 'macro-f1': 0.5 },
    'distilbert/trial_0/metrics.json': { 'macro-f1': 0.79 },
    'prod.yaml': 'selection: { accuracy_threshold: 0.015 }\nobjective: { metric: macro-f1 }\n',
  };

  it('answers as for the same candidates in memory', async () => {
    await withTree(TREE, async (dir) => {
      const config = join(dir, 'prod.yaml');
      await writeFile(config, 'parameters: { deberta: 184000000, distilbert: 66000000 }\n');
      const found = await selectBest(dir, { config, preset: 'balanced' });
      const inMemory = selectBest([{ ...LARGE, accuracy: [0.79, 0.81] }, SMALL], { preset: 'balanced' });
      assert.equal(found.best_configuration.selection_criteria, inMemory.best_configuration.selection_criteria);
    });
  });

  it("goes by the earlier tools' configuration, and the options over it", async () => {
    await withTree(TREE, async (dir) => {
      const config = join(dir, 'prod.yaml');
      const { selection_criteria: criteria } = (await selectBest(dir, { config })).best_configuration;
      assert.is(criteria.accuracy_threshold, 0.015);
      const { overrides } = await selectBest(dir, { config, accuracyThreshold: null });
      assert.match(overrides.join('\n'), /accuracy_threshold null instead of 0\.015/);
    });
  });

  it('rejects in one line, and never throws at once', async () => {
    const promise = selectBest('/nowhere', { thresholds: ['x'] as never });
    assert.instance(promise, Promise);
    await rejects(() => promise, /^selectBest: `thresholds\.0`: expected a number, received "x"/);
    await rejects(() => selectBest('/nowhere'), /^\/nowhere cannot be read/);
    await rejects(() => selectBest('/nowhere', { config: '/nowhere.yaml' }), /\/nowhere\.yaml/);
  });
});
