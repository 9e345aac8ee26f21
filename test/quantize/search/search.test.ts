import * as assert from 'uvu/assert';
import type { SearchGoals } from '../../../src/quantize/search/judge.ts';
import { search, type SearchBench, type SearchResult } from '../../../src/quantize/search/search.ts';
import type { Recipe } from '../../../src/records/recipe.ts';
import { describe } from '../../describe.ts';
import { GOALS, trialOf, type Truth } from './world.ts';
import { RECIPE } from '../recipe.ts';

interface World {
  readonly tried: Recipe[];
  readonly result: SearchResult;
}

/** Searches in a world in which a recipe comes to what `truth` says. */
async function explore(
  truth: (recipe: Recipe) => Truth,
  goals: Partial<SearchGoals> = {},
  bench: Partial<SearchBench> = {},
): Promise<World> {
  const tried: Recipe[] = [];
  const result = await search(
    {
      runTrial: (recipe) => {
        tried.push(recipe);
        return Promise.resolve(trialOf(recipe, truth(recipe)));
      },
      worstLayers: () => Promise.resolve(['worst', 'bad', 'so-so', 'good']),
      isApplicable: () => true,
      ...bench,
    },
    RECIPE,
    { ...GOALS, ...goals },
  );
  return { tried, result };
}

/** Freezing GRN, tanh and INT8 depthwise gain; nothing loses. */
function additive({ grn, gelu, depthwise }: Recipe): Truth {
  const gain = (grn === 'frozen' ? 0.1 : 0) + (gelu === 'tanh' ? 0.05 : 0) + (depthwise === 'int8' ? 0.02 : 0);
  return { ratio: 0.5 - gain };
}

describe('search', (it) => {
  it('begins with the given recipe and tries none twice', async () => {
    const { tried } = await explore(additive);
    assert.equal(tried[0], RECIPE);
    assert.is(new Set(tried.map((recipe) => JSON.stringify(recipe))).size, tried.length);
  });

  it('stacks what gained speed alone', async () => {
    const { result } = await explore(additive);
    const { grn, gelu, depthwise } = result.chosen?.record.recipe ?? RECIPE;
    assert.equal([grn, gelu, depthwise], ['frozen', 'tanh', 'int8']);
    assert.is(result.end, 'nothing_left');
  });

  it('stops at the first trial that meets the target and holds the limit', async () => {
    const { tried, result } = await explore(additive, { targetP99Ms: 8.1 });
    assert.is(result.end, 'target_met');
    assert.is(result.chosen?.record.recipe.grn, 'frozen');
    assert.equal(tried.at(-1), result.chosen?.record.recipe);
    const first = await explore(additive, { targetP99Ms: 12 });
    assert.is(first.tried.length, 1);
  });

  it('goes on past a trial that is fast enough and loses too much', async () => {
    const { result } = await explore((recipe) => ({ ...additive(recipe), lost: recipe.grn === 'frozen' ? 30 : 0 }), {
      targetP99Ms: 8.7,
    });
    const { grn, gelu, depthwise } = result.chosen?.record.recipe ?? RECIPE;
    assert.equal([grn, gelu, depthwise], ['exact', 'tanh', 'int8']);
    assert.is(result.end, 'target_met');
  });

  it('does not go beyond the trials it may spend, and says so', async () => {
    const { tried, result } = await explore(additive, { maxTrials: 3 });
    assert.is(tried.length, 3);
    assert.is(result.end, 'trials_spent');
    assert.ok(result.chosen !== undefined, 'the best of three');
  });

  it('looks for speed first where the limit holds, and for accuracy first where it fails', async () => {
    const fine = await explore(additive, { maxTrials: 2 });
    assert.is(fine.tried[1]?.calibration, 'minmax');
    const lossy = await explore(() => ({ lost: 30 }), { maxTrials: 2 });
    assert.is(lossy.tried[1]?.calibration, 'percentile_99.99');
  });

  it('lays what regains accuracy on top of each other where one change is not enough', async () => {
    const { result } = await explore(({ calibration, smooth_quant: smooth, linears }) => ({
      ratio: linears === 'dynamic' ? 0.7 : 0.5,
      lost: 20 - (calibration === 'mse' ? 10 : 0) - (smooth === null ? 0 : 8),
    }));
    assert.is(result.chosen?.record.recipe.calibration, 'mse');
    assert.is(result.chosen?.record.recipe.smooth_quant, 0.5);
  });

  it('leaves the worst layers float, twice as many each time, where nothing else holds the limit', async () => {
    const { tried, result } = await explore(({ keep_float: kept }) => ({
      ratio: 0.5 + kept.length / 20,
      lost: kept.length >= 2 ? 4 : 20,
    }));
    assert.equal(
      tried.map(({ keep_float: kept }) => kept).filter((kept) => kept.length > 0),
      [['worst'], ['worst', 'bad']],
    );
    assert.equal(result.chosen?.record.recipe.keep_float, ['worst', 'bad']);
  });

  it('asks for the worst layers of the most accurate recipe', async () => {
    let asked: Recipe | undefined;
    await explore(
      ({ calibration }) => ({ lost: calibration === 'entropy' ? 15 : 20 }),
      {},
      {
        worstLayers: (recipe) => {
          asked = recipe;
          return Promise.resolve([]);
        },
      },
    );
    assert.is(asked?.calibration, 'entropy');
  });

  it('gives a fast combination that loses too much one more chance with the best remedy', async () => {
    const { result } = await explore(
      ({ grn, gelu, calibration }) => ({
        ratio: 0.5 - (grn === 'frozen' ? 0.1 : 0) - (gelu === 'tanh' ? 0.05 : 0),
        lost: (grn === 'frozen' ? 4 : 1) + (gelu === 'tanh' ? 3 : 0) - (calibration === 'mse' ? 1 : 0),
      }),
      { maxAccuracyDropPoints: 0.6 },
    );
    const { grn, gelu, calibration } = result.chosen?.record.recipe ?? RECIPE;
    assert.equal([grn, gelu, calibration], ['frozen', 'tanh', 'mse']);
  });

  it('chooses none where none holds the limit, and still has the Pareto set', async () => {
    const { result } = await explore(({ grn }) => ({ ratio: grn === 'frozen' ? 0.4 : 0.5, lost: 30 }));
    assert.is(result.chosen, undefined);
    assert.is(result.pareto[0]?.record.recipe.grn, 'frozen');
  });

  it('passes by a recipe that makes no file', async () => {
    const { result } = await explore((recipe) =>
      recipe.gelu === 'tanh' ? { failure: 'not fused' } : additive(recipe),
    );
    assert.is(result.chosen?.record.recipe.gelu, 'exact');
    assert.is(result.chosen?.record.recipe.grn, 'frozen');
  });

  it('goes on from a more careful recipe where the first makes no file', async () => {
    const { tried, result } = await explore((recipe) =>
      recipe.linears === 'float' ? additive(recipe) : { failure: 'the layer fc1 is not fused' },
    );
    assert.equal(
      tried.slice(0, 4).map(({ linears, grn }) => [linears, grn]),
      [
        ['static', 'exact'],
        ['dynamic', 'exact'],
        ['float', 'exact'],
        ['float', 'every_8th_token'],
      ],
    );
    const { grn, gelu, depthwise, linears } = result.chosen?.record.recipe ?? RECIPE;
    assert.equal([grn, gelu, depthwise, linears], ['frozen', 'tanh', 'int8', 'float']);
  });

  it('ends after a few careful recipes where none makes a file', async () => {
    const { tried, result } = await explore(() => ({ failure: 'already quantized' }));
    assert.equal(
      tried.map(({ linears }) => linears),
      ['static', 'dynamic', 'float'],
    );
    assert.is(result.chosen, undefined);
  });

  it('spends no trial on changes that do nothing to the model', async () => {
    const { tried } = await explore(additive, {}, { isApplicable: (move) => !('grn' in move) });
    assert.ok(tried.every(({ grn }) => grn === 'exact'));
  });

  it('goes the same way again over the same results', async () => {
    const [once, again] = [await explore(additive), await explore(additive)];
    assert.equal(again.tried, once.tried);
  });
});
