import type { QuantizedModel } from '../../quantize/job.ts';
import { isApplicable } from '../../quantize/search/applicable.ts';
import type { MeasuredTrial } from '../../quantize/search/choose.ts';
import { judgeTrial, type SearchGoals } from '../../quantize/search/judge.ts';
import { search, type SearchResult } from '../../quantize/search/search.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { TrialStore } from '../../store/trialStore.ts';
import { DEFAULT_DROP_POINTS, DEFAULT_TRIALS } from './args.ts';
import type { QuantizeContext } from './context.ts';
import { openEvaluationSet } from './evaluationSet.ts';
import { makeFile, rankLayers } from './makeFile.ts';
import type { SearchOutcome } from './searchOutcome.ts';
import { describeTrial } from './searchText.ts';
import { TrialBench } from './trialBench.ts';

/**
 * Searches for a recipe and makes the chosen one's file.
 *
 * @throws BeltbenchError when the model or the images cannot be used, or no recipe makes a file; `interrupted`
 */
export async function searchRecipes(context: QuantizeContext): Promise<SearchOutcome> {
  const { args, paths, progress, recipe, source } = context;
  const goals: SearchGoals = {
    maxAccuracyDropPoints: args.maxAccuracyDrop ?? DEFAULT_DROP_POINTS,
    targetP99Ms: args.targetP99Ms,
    maxTrials: args.maxTrials ?? DEFAULT_TRIALS,
  };
  const set = await openEvaluationSet(context);
  const store = new TrialStore(paths.trials);
  await store.tidy();
  const bench = new TrialBench(context, set, store);
  const result = await search(
    {
      runTrial: async (tried, number) => {
        const record = await bench.run(tried, number);
        if (!args.quiet) {
          progress.note(`${number}. ${describeTrial(judgeTrial(record, goals), recipe)}`);
        }
        return record;
      },
      worstLayers: async (tried) => await rankLayers(context, tried),
      isApplicable: (move, { record: { model, recipe: made } }) =>
        model === null || isApplicable(move, { operators: source.operators, recipe: made, made: model }),
    },
    recipe,
    goals,
  );
  assertSomeWorked(result);
  const { chosen } = result;
  const images = result.trials.find(({ accuracy }) => accuracy !== undefined)?.record.accuracy?.images ?? 0;
  const summary = { goals, result, images, reused: bench.reused };
  if (chosen === undefined) {
    return { ...summary, manifest: undefined };
  }
  const manifest = await makeFile(context, chosen.record.recipe, async (made, path) => {
    await assertAsTried(bench, chosen, goals, made, path);
    return {
      folder: paths.trials,
      trial: chosen.record.record_id,
      trials: result.trials.length,
      max_accuracy_drop_points: goals.maxAccuracyDropPoints,
      target_p99_ms: goals.targetP99Ms ?? null,
    };
  });
  return { ...summary, manifest };
}

/** Where no recipe makes a file, the fault is the model's, and the first one says which. */
function assertSomeWorked({ trials }: SearchResult): void {
  const failure = trials[0]?.record.failure;
  if (failure !== undefined && failure !== null && trials.every(({ record }) => record.model === null)) {
    throw new BeltbenchError('bad_model', failure);
  }
}

/** The same recipe makes the same bytes; where it does not, the answers are counted again. */
async function assertAsTried(
  bench: TrialBench,
  { record }: MeasuredTrial,
  goals: SearchGoals,
  made: QuantizedModel,
  path: string,
): Promise<void> {
  if (made.sha256 === record.model?.sha256) {
    return;
  }
  const accuracy = await bench.countAnswers(made, path);
  if (judgeTrial({ ...record, accuracy }, goals).accuracy?.holdsLimit !== true) {
    throw new BeltbenchError(
      'bad_model',
      `the chosen recipe made another file than in its trial ${record.record_id}, and that loses more than ${goals.maxAccuracyDropPoints} points; remove that trial's folder and search again`,
    );
  }
}
