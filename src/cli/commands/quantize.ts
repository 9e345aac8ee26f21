import type { JudgedLatency, SearchGoals } from '../../quantize/search/judge.ts';
import type { Verdict } from '../../records/judgement.ts';
import { exitCodeOfVerdicts } from '../exitCodes.ts';
import type { ExitCode, Io, Outcome } from '../io.ts';
import { assertNotInVain, type QuantizeArgs } from '../quantize/args.ts';
import { openContext, type QuantizeContext } from '../quantize/context.ts';
import { makeFile } from '../quantize/makeFile.ts';
import type { SearchOutcome } from '../quantize/searchOutcome.ts';
import { searchRecipes } from '../quantize/searchRecipes.ts';
import { describeSearch } from '../quantize/searchText.ts';
import { studyEntryOf } from '../quantize/studyEntry.ts';
import { describeMade } from '../quantize/text.ts';
import { QUANTIZE_TOOLS, type QuantizeTools } from '../quantize/tools.ts';

/** `beltbench quantize MODEL`: an INT8 file with its card and manifest; with `--search`, the best recipe's. */
export async function runQuantize(args: QuantizeArgs, io: Io): Promise<Outcome> {
  return await quantize(args, io, QUANTIZE_TOOLS);
}

/** As `runQuantize`, with other tools. */
export async function quantize(args: QuantizeArgs, io: Io, tools: QuantizeTools): Promise<Outcome> {
  assertNotInVain(args);
  const context = await openContext(args, io, tools);
  return args.search ? await runSearch(context) : await runOne(context);
}

async function runOne(context: QuantizeContext): Promise<Outcome> {
  const { paths, recipe, source } = context;
  const manifest = await makeFile(context, recipe);
  return {
    document: {
      command: 'quantize',
      model: paths.model,
      card: paths.card,
      study_entry: studyEntryOf(source, paths),
      manifest,
    },
    text: describeMade(manifest, paths, source),
    exitCode: 0,
  };
}

async function runSearch(context: QuantizeContext): Promise<Outcome> {
  const { paths, recipe, source, args } = context;
  const outcome = await searchRecipes(context);
  const { result, goals, manifest } = outcome;
  const made = manifest === undefined ? '' : `\n${describeMade(manifest, paths, source)}`;
  return {
    document: {
      command: 'quantize',
      model: manifest === undefined ? null : paths.model,
      card: manifest === undefined ? null : paths.card,
      study_entry: manifest === undefined ? null : studyEntryOf(source, paths),
      manifest: manifest ?? null,
      search: {
        folder: paths.trials,
        max_accuracy_drop_points: goals.maxAccuracyDropPoints,
        target_p99_ms: goals.targetP99Ms ?? null,
        max_trials: goals.maxTrials,
        end: result.end,
        chosen: result.chosen?.record.record_id ?? null,
        pareto: result.pareto.map(({ record }) => record.record_id),
        // Every sample of every round lies in the trial's folder.
        trials: result.trials.map(({ record: { latency: timed, ...record }, accuracy, latency }) => ({
          ...record,
          rounds: timed?.rounds.length ?? null,
          judged: { accuracy: accuracy ?? null, latency: latency ?? null },
        })),
      },
    },
    text: `${describeSearch(outcome, recipe)}${made}`,
    exitCode: exitCodeOf(outcome, args.check),
  };
}

/**
 * 1 when no trial holds the limit. With `--check` also 1 for a missed target and a file that is not
 * faster than the float model, and 3 for what is not proven of limit, target and speed.
 */
function exitCodeOf({ result: { chosen }, goals }: SearchOutcome, check: boolean): ExitCode {
  if (chosen === undefined) {
    return 1;
  }
  const { accuracy, latency } = chosen;
  return exitCodeOfVerdicts(
    [accuracy.provesLimit ? 'PASS' : 'NOT_ENOUGH_DATA', verdictOnTarget(latency, goals), latency.beatsFloat],
    check,
  );
}

function verdictOnTarget({ meetsTarget, p99UpperMs = Infinity }: JudgedLatency, { targetP99Ms }: SearchGoals): Verdict {
  if (targetP99Ms === undefined || p99UpperMs <= targetP99Ms) {
    return 'PASS';
  }
  return meetsTarget ? 'NOT_ENOUGH_DATA' : 'FAIL';
}
