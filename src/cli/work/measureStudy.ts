import { measureLatency, type LatencyJob } from '../../measure/latency.ts';
import { probeHostState } from '../../measure/host.ts';
import { pickInputs, planRounds } from '../../measure/inputs.ts';
import type { LatencyRecord } from '../../records/latency.ts';
import { latencyKeyOf } from './identity.ts';
import { isInterrupted, journalOf } from './interrupted.ts';
import { saveFailed, saveFinished, type PlannedMeasurement } from './latencyRecords.ts';
import { assertNotInterrupted, type Session, type Subjects } from './session.ts';

/** What became of one candidate. */
export interface Measured {
  readonly id: string;
  /** `undefined`: its process was lost, which says nothing of the model; the next run goes on with it. */
  readonly record: LatencyRecord | undefined;
  /** How its process was lost; `null` where there is a record. */
  readonly lost: string | null;
  readonly reused: boolean;
}

/**
 * What a measurement takes over of what was measured before: finished records and interrupted rounds,
 * interrupted rounds alone, or nothing.
 */
type TakenOver = 'all' | 'interrupted' | 'nothing';

/**
 * Measures the study's candidates, or reuses finished records of the same key. Each round is
 * journalled when it ends, each candidate saved when its last round has.
 */
export async function measureStudy(
  session: Session,
  subjects: Subjects,
  takenOver: TakenOver = session.study.file.run.mode === 'force_new' ? 'nothing' : 'all',
): Promise<Measured[]> {
  const { latency } = await session.store.list();
  const measured: Measured[] = [];
  const missing: PlannedMeasurement[] = [];
  for (const prepared of subjects.candidates) {
    const key = latencyKeyOf(session, subjects, prepared);
    const finished = latency.filter(
      (record) => record.status === 'finished' && record.benchmark_key === key.benchmarkKey,
    );
    const journal = journalOf(session, prepared, key.benchmarkKey);
    const goesOn = takenOver !== 'nothing' && isInterrupted(await journal.read(), finished);
    const stored = takenOver === 'all' && !goesOn ? finished.at(-1) : undefined;
    if (stored !== undefined) {
      measured.push({ id: prepared.candidate.id, record: stored, lost: null, reused: true });
      continue;
    }
    if (!goesOn) {
      await journal.remove();
    }
    missing.push({ prepared, key, journal });
  }
  if (missing.length > 0) {
    measured.push(...(await measureMissing(session, subjects, missing)));
  }
  const order = new Map(subjects.candidates.map(({ candidate }, index) => [candidate.id, index]));
  return measured.toSorted((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
}

async function measureMissing(
  session: Session,
  subjects: Subjects,
  missing: readonly PlannedMeasurement[],
): Promise<Measured[]> {
  const { study, io, progress } = session;
  const { seed } = study.file.benchmarking;
  const inputs = await pickInputs(usableImages(subjects), seed);
  const plans = new Map(missing.map((plan) => [plan.prepared.candidate.id, plan]));
  const jobs = await Promise.all(missing.map((plan) => toJob(session, plan, inputs.paths)));
  const hostBefore = await probeHostState({ runtime: session.runtime, beltbench: session.toolVersion });
  await Promise.all(missing.map(async ({ journal }) => await journal.begin(hostBefore.taken_at)));
  const context = { session, subjects, inputs: { count: inputs.paths.length, sha256: inputs.sha256 } };
  const left = new Map(jobs.map((job) => [job.id, job.missingRounds.length]));
  const total = jobs.reduce((sum, job) => sum + job.missingRounds.length, 0);
  const done: Measured[] = [];
  let turns = 0;
  for (const plan of missing.filter(({ prepared }) => left.get(prepared.candidate.id) === 0)) {
    // Killed after its last round, before it was saved.
    done.push({ id: plan.prepared.candidate.id, record: await saveFinished(context, plan), lost: null, reused: false });
  }
  const open = jobs.filter((job) => job.missingRounds.length > 0);
  await measureLatency(open, seed, {
    beforeTurn: (id, phase) => {
      progress.show({ subject: id, phase: phase === 'launch' ? 'load and warm up' : 'measure', done: turns, total });
      return !io.interrupted.aborted;
    },
    onLaunch: async (id, launch) => await plans.get(id)?.journal.addLaunch({ ...launch, host: hostBefore }),
    onRound: async (id, round) => {
      const plan = plans.get(id);
      if (plan === undefined) {
        return;
      }
      turns += 1;
      await plan.journal.addRound(round);
      left.set(id, (left.get(id) ?? 0) - 1);
      if (left.get(id) === 0) {
        done.push({ id, record: await saveFinished(context, plan), lost: null, reused: false });
      }
    },
    onFailure: async (id, { code, message }) => {
      const plan = plans.get(id);
      if (plan === undefined) {
        return;
      }
      progress.note(`${id}: ${message}`);
      done.push(
        code === 'process_lost'
          ? { id, record: undefined, lost: message, reused: false }
          : { id, record: await saveFailed(context, plan, hostBefore, message), lost: null, reused: false },
      );
    },
  });
  progress.clear();
  assertNotInterrupted(io);
  return done;
}

async function toJob(
  session: Session,
  { prepared, journal }: PlannedMeasurement,
  imagePaths: readonly string[],
): Promise<LatencyJob> {
  const { benchmarking, thresholds, dataset } = session.study.file;
  const { launches, rounds } = await journal.read();
  const taken = new Set(rounds.map((round) => `${round.round}/${round.batch_size}`));
  const { card } = prepared.candidate;
  return {
    id: prepared.candidate.id,
    open: {
      launch: launches.length + 1,
      modelPath: card.modelPath,
      threads: benchmarking.threads,
      inputSize: prepared.inputSize,
      preprocessing: card.preprocessing,
      imagePaths,
      batchSizes: benchmarking.batch_sizes,
      warmupIterations: benchmarking.warmup_iterations,
      stageSettings: {
        outputs: card.outputs,
        targetIndex: card.classes.indexOf(dataset.target_class),
        maybeThreshold: thresholds.production.maybe,
        targetThreshold: thresholds.production.target,
      },
    },
    missingRounds: planRounds(benchmarking).filter(({ round, batchSize }) => !taken.has(`${round}/${batchSize}`)),
  };
}

function usableImages({ dataset }: Subjects): { path: string; contentHash: string }[] {
  return dataset.splitImages.flatMap(({ path, contentHash, readable }) =>
    readable && contentHash !== undefined ? [{ path, contentHash }] : [],
  );
}
