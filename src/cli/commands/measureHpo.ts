import { BeltbenchError } from '../../shared/errors.ts';
import { countOf, formatCount, formatMs } from '../../shared/units.ts';
import type { Io, Outcome } from '../io.ts';
import { printable } from '../printable.ts';
import { renderTable } from '../tables.ts';
import { measureHpo, type MeasuredSearch, type MeasuredTrial } from '../work/measureHpo.ts';
import { openHpoSession, type MeasureHpoArgs } from '../work/measureHpoSession.ts';

/** What is about the study's own candidates. */
interface StudyFlags {
  readonly check: boolean;
  readonly store: 'file' | 'mlflow';
}

/** `beltbench measure --hpo DIR`: a benchmark beside each trial's ONNX file. */
export async function runMeasureHpo(args: MeasureHpoArgs & StudyFlags, io: Io): Promise<Outcome> {
  assertNoStudyFlags(args);
  const session = await openHpoSession(args, io);
  if (!args.quiet) {
    for (const message of session.study.unused) {
      session.progress.note(`note: ${message}`);
    }
  }
  const search = await measureHpo(session, args.hpo, args.only);
  const { story, notice } = session.study.file;
  return {
    document: { command: 'measure', hpo: args.hpo, story, notice: notice ?? null, ...search },
    text: `${notice === undefined ? '' : `${notice}\n`}${renderSearch(search)}`,
    exitCode: search.trials.some(({ state }) => state === 'failed') ? 2 : 0,
  };
}

function assertNoStudyFlags({ check, store }: StudyFlags): void {
  if (check || store === 'mlflow') {
    throw new BeltbenchError(
      'bad_usage',
      check
        ? "--check judges the study's candidates by the budget, and --hpo measures trials; drop one of the two"
        : '--hpo takes its records to the file store, received --store mlflow; drop it',
    );
  }
}

const HEAD = ['trial', 'mean', 'p50', 'p95', 'p99', 'max', 'per second', 'runs', 'steady state', ''];
const MOST_NAMED = 5;

function renderSearch({ trials, notes }: MeasuredSearch): string {
  const rows = trials.flatMap((trial) => (trial.benchmark === null ? [] : [cells(trial, trial.benchmark)]));
  const failed = trials.filter(({ state }) => state === 'failed');
  const lines = [
    ...describeDoubts(trials),
    ...failed.map(({ id, reason }) => `${id}: ${reason}`),
    ...describeSkipped(trials.filter(({ state }) => state === 'skipped')),
    ...notes,
  ];
  return `${rows.length === 0 ? '' : renderTable(HEAD, rows)}${lines.map((line) => `${printable(line)}\n`).join('')}`;
}

const percentile = (ms: number | null): string => (ms === null ? 'too few samples' : formatMs(ms));

function cells({ id, state }: MeasuredTrial, benchmark: NonNullable<MeasuredTrial['benchmark']>): string[] {
  const { batch_1: batch, benchmark_runs_count: runs, steady_state: steady } = benchmark;
  return [
    id,
    formatMs(batch.mean_ms),
    percentile(batch.p50_ms),
    percentile(batch.p95_ms),
    percentile(batch.p99_ms),
    formatMs(batch.max_ms),
    formatCount(Math.round(batch.throughput_per_second)),
    String(runs),
    steady === 'flat' ? 'steady' : steady.replaceAll('_', ' '),
    state,
  ];
}

/** One line per kind of doubt; a search has many trials, and each benchmark holds its own. */
function describeDoubts(trials: readonly MeasuredTrial[]): string[] {
  const doubts = trials.flatMap(({ id, benchmark }) =>
    (benchmark?.warnings ?? []).map((warning) => ({ id, ...warning })),
  );
  return [...new Set(doubts.map(({ code }) => code))].flatMap((code) => {
    const [first, ...others] = doubts.filter((doubt) => doubt.code === code);
    const more = others.length === 0 ? '' : ` (and alike for ${countOf(others.length, 'more trial')})`;
    return first === undefined ? [] : [`${first.id}: ${first.message}${more}`];
  });
}

/** One line per reason, however many folds are without a model. */
function describeSkipped(skipped: readonly MeasuredTrial[]): string[] {
  const reasons = [...new Set(skipped.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const ids = skipped.filter((trial) => trial.reason === reason).map(({ id }) => id);
    const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : '';
    return `skipped, ${reason}: ${ids.slice(0, MOST_NAMED).join(', ')}${more}`;
  });
}
