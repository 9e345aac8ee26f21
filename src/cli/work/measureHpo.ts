import { aggregateRuns, type AggregatedRuns } from '../../decide/aggregate.ts';
import { latencyDemand } from '../../decide/demands.ts';
import { pickTrials } from '../../decide/trials/pickTrials.ts';
import { trialBenchmarkOf } from '../../decide/trials/trialBenchmark.ts';
import type { LatencyRecord } from '../../records/latency.ts';
import type { TrialBenchmark } from '../../records/trialBenchmark.ts';
import { asKnown, BeltbenchError } from '../../shared/errors.ts';
import { countOf } from '../../shared/units.ts';
import { BenchmarkFile } from '../../store/benchmarkFile.ts';
import { trialKeyHash } from '../../store/keys.ts';
import { listTrialFolders } from '../../store/hpoTree.ts';
import { latencyKeyOf } from './identity.ts';
import { isInterrupted, journalOf } from './interrupted.ts';
import { measureStudy } from './measureStudy.ts';
import { planTrial, type PlannedTrial } from './measureHpoTrials.ts';
import { readAggregated } from './readSamples.ts';
import { readSubjectsOf, type Session, type Subjects } from './session.ts';

/** What became of one trial. */
export interface MeasuredTrial {
  /** `BACKBONE/TRIAL`. */
  readonly id: string;
  readonly state: 'measured' | 'reused' | 'failed' | 'skipped';
  /** Why there is no benchmark; `null` when there is one. */
  readonly reason: string | null;
  /** Where the benchmark stands. */
  readonly file: string | null;
  readonly benchmark: TrialBenchmark | null;
}

export interface MeasuredSearch {
  /** In the order of their names. */
  readonly trials: readonly MeasuredTrial[];
  /** What of the tree was left out or is strange. */
  readonly notes: readonly string[];
}

type ReadyTrial = Extract<PlannedTrial, { state: 'ready' }>;

/** So many models take turns; each has a process of its own, and a search has hundreds. */
const TOGETHER = 16;

/**
 * Measures the ONNX file of each trial of a search, and writes `benchmark.json` (or
 * `output.filename`) beside it. What is stored under the same key is reused; an interrupted
 * measurement goes on where it was.
 *
 * @throws BeltbenchError `bad_record` when the tree cannot be read or holds no ONNX file
 */
export async function measureHpo(session: Session, dir: string, only: readonly string[]): Promise<MeasuredSearch> {
  const { folders, notes } = await listTrialFolders(dir);
  const plans: PlannedTrial[] = [];
  for (const folder of pickTrials(folders, only, ({ name }) => name)) {
    session.progress.show({ subject: folder.name, phase: 'audit models', done: plans.length, total: folders.length });
    plans.push(await planTrial(folder, session.study));
  }
  session.progress.clear();
  const ready = plans.filter((plan) => plan.state === 'ready');
  if (plans.every(({ state }) => state === 'skipped')) {
    throw new BeltbenchError(
      'bad_record',
      `${dir} holds no trial with an ONNX file, received ${countOf(plans.length, 'trial folder')}; a search lies as DIR/BACKBONE/TRIAL/model.onnx: name such a DIR`,
    );
  }
  const subjects = await readSubjectsOf(
    session,
    ready.map(({ prepared }) => prepared),
  );
  const settled = await settleEarly({ session, subjects }, ready);
  const missing = ready.filter(({ id }) => !settled.has(id));
  const measured = await measureMissing({ session, subjects }, missing);
  return {
    notes: [...notes, ...(missing.length > TOGETHER ? [sessionsNote(missing.length)] : [])],
    trials: plans.map((plan) =>
      plan.state === 'ready'
        ? (settled.get(plan.id) ?? measured.get(plan.id) ?? withoutBenchmark(plan.id, 'failed', 'not measured'))
        : withoutBenchmark(plan.id, plan.state, plan.reason),
    ),
  };
}

interface Context {
  readonly session: Session;
  readonly subjects: Subjects;
}

/** The trials that need no measurement: what is stored is reused, and where nothing can be written it is not tried. */
async function settleEarly(context: Context, trials: readonly ReadyTrial[]): Promise<Map<string, MeasuredTrial>> {
  const { latency } = await context.session.store.list();
  const settled = new Map<string, MeasuredTrial>();
  for (const trial of trials) {
    const { id } = trial;
    const outcome = await reuse(context, trial, latency).catch((thrown: unknown) =>
      withoutBenchmark(id, 'failed', asKnown(thrown).message),
    );
    if (outcome !== undefined) {
      settled.set(id, outcome);
    }
  }
  return settled;
}

/** From the store, or from the file itself, which may have come with the tree. */
async function reuse(
  context: Context,
  trial: ReadyTrial,
  latency: readonly LatencyRecord[],
): Promise<MeasuredTrial | undefined> {
  const { session } = context;
  const file = fileOf(session, trial);
  const benchmark = await file.read();
  if (isForced(session) || (await isBegun(context, trial, latency))) {
    return undefined;
  }
  const runs = runsOf(context, trial, latency);
  if (runs !== undefined) {
    return await save(context, trial, runs, 'reused');
  }
  if (benchmark?.benchmark_key !== keyOf(context, trial)) {
    return undefined;
  }
  // Of one run all aggregations are the same; of several, only the one that was made is known.
  const { latency_aggregation: aggregation } = session.study.file.benchmark;
  return benchmark.benchmark_runs_count === 1 || benchmark.latency_aggregation === aggregation
    ? { id: trial.id, state: 'reused', reason: null, file: file.path, benchmark }
    : undefined;
}

/** Whether another measurement was asked for and is not done. */
async function isBegun(context: Context, trial: ReadyTrial, latency: readonly LatencyRecord[]): Promise<boolean> {
  const key = keyOf(context, trial);
  const content = await journalOf(context.session, trial.prepared, key).read();
  return isInterrupted(
    content,
    latency.filter((record) => record.benchmark_key === key),
  );
}

async function measureMissing(context: Context, trials: readonly ReadyTrial[]): Promise<Map<string, MeasuredTrial>> {
  const { session, subjects } = context;
  const done = new Map<string, MeasuredTrial>();
  await beginAll(context, trials);
  for (let from = 0; from < trials.length; from += TOGETHER) {
    const group = trials.slice(from, from + TOGETHER);
    const candidates = group.map(({ prepared }) => prepared);
    const measured = await measureStudy(
      session,
      { ...subjects, candidates },
      isForced(session) ? 'interrupted' : 'all',
    );
    const { latency } = await session.store.list();
    for (const trial of group) {
      const own = measured.find(({ id }) => id === trial.prepared.candidate.id);
      const failure = own?.lost ?? own?.record?.failure ?? null;
      const runs = failure === null ? runsOf(context, trial, latency) : undefined;
      done.set(
        trial.id,
        runs === undefined
          ? withoutBenchmark(trial.id, 'failed', failure ?? 'measured without a valid latency at batch 1')
          : await save(context, trial, runs, 'measured'),
      );
    }
  }
  return done;
}

/**
 * With `--force-new` all are begun before the first group is measured: should a later group never come
 * to its turn, the command that goes on must not take its old records.
 */
async function beginAll(context: Context, trials: readonly ReadyTrial[]): Promise<void> {
  const { session } = context;
  if (!isForced(session)) {
    return;
  }
  const now = new Date().toISOString();
  for (const trial of trials) {
    const journal = journalOf(session, trial.prepared, keyOf(context, trial));
    await journal.remove();
    await journal.begin(now);
  }
}

function isForced({ study }: Session): boolean {
  return study.file.run.mode === 'force_new';
}

/** The finished runs of the trial's key: its own, or else those of the same file elsewhere. */
function runsOf(context: Context, trial: ReadyTrial, latency: readonly LatencyRecord[]): AggregatedRuns | undefined {
  const key = keyOf(context, trial);
  const sameKey = latency.filter((record) => record.benchmark_key === key);
  const own = sameKey.filter(({ trial_key_hash: hash }) => hash === trialKeyHash(trial.prepared.candidate.id));
  const { latency_aggregation: aggregation } = context.session.study.file.benchmark;
  return aggregateRuns(own, aggregation) ?? aggregateRuns(sameKey, aggregation);
}

async function save(
  { session }: Context,
  { id, prepared, folder }: ReadyTrial,
  runs: AggregatedRuns,
  state: 'measured' | 'reused',
): Promise<MeasuredTrial> {
  const { file: study } = session.study;
  const file = fileOf(session, { folder });
  try {
    const samples = await readAggregated(session.store, runs);
    // The run may be another trial's, of the same file.
    const representative = {
      ...runs.representative,
      backbone: folder.backbone,
      trial_name: folder.name,
      candidate_id: prepared.candidate.id,
      trial_key_hash: trialKeyHash(prepared.candidate.id),
    };
    const { latency_aggregation: aggregation } = study.benchmark;
    const benchmark = trialBenchmarkOf({ ...runs, representative }, samples, latencyDemand(study), aggregation);
    const kept = await file.write(benchmark);
    if (kept !== undefined) {
      session.progress.note(`${id}: another tool's ${study.output.filename} is kept as ${kept}`);
    }
    return { id, state, reason: null, file: file.path, benchmark };
  } catch (thrown) {
    return withoutBenchmark(id, 'failed', asKnown(thrown).message);
  }
}

function keyOf({ session, subjects }: Context, { prepared }: ReadyTrial): string {
  return latencyKeyOf(session, subjects, prepared).benchmarkKey;
}

function fileOf({ study }: Session, { folder }: Pick<ReadyTrial, 'folder'>): BenchmarkFile {
  return new BenchmarkFile(folder.path, study.file.output.filename);
}

function withoutBenchmark(id: string, state: 'failed' | 'skipped', reason: string): MeasuredTrial {
  return { id, state, reason, file: null, benchmark: null };
}

function sessionsNote(count: number): string {
  return `${countOf(count, 'trial')} took turns in groups of ${TOGETHER}: between the groups the machine may have drifted`;
}
