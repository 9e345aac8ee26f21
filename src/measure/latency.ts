import type { Round } from '../records/latency.ts';
import { besideModule, startIsolate, type Isolate } from '../runtime/isolate.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { mulberry32, shuffle } from '../stats/prng.ts';
import { readCpuTimes, otherCpuShare } from './cpuTimes.ts';
import type { PlannedRound } from './inputs.ts';
import type { LaunchResult, OpenParams, TurnParams, TurnResult } from './turn.ts';

/** One candidate on the bench, and which rounds of it are still to be measured. */
export interface LatencyJob {
  readonly id: string;
  readonly open: OpenParams;
  readonly missingRounds: readonly PlannedRound[];
}

/** What happens between two turns; never while a sample is taken. What an event throws ends the session. */
export interface LatencyEvents {
  readonly onLaunch: (id: string, launch: LaunchResult) => Promise<void>;
  readonly onRound: (id: string, round: Round) => Promise<void>;
  /**
   * The candidate is out of this session; the others go on. Its model cannot be loaded or run
   * (`bad_model`, `inference_failed`), or its process was lost (`process_lost`), which says nothing of it.
   */
  readonly onFailure: (id: string, failure: BeltbenchError) => Promise<void>;
  /** Called before each launch and turn; `false` ends the session after what was saved. */
  readonly beforeTurn: (id: string, phase: 'launch' | 'measure', round: number | undefined) => boolean;
}

/** The turn's first inferences refill the caches that the previous candidate emptied. */
export const SETTLE_ITERATIONS = 3;
/** Images per round that go the whole path; over ten rounds as many as a p90 needs. */
export const STAGE_ITERATIONS = 10;

/**
 * Measures the candidates in interleaved rounds: in each round every candidate has one turn, in an
 * order shuffled by the seed, so that drift of the machine meets all of them alike (methods A7:
 * measuring one after the other declared a difference in 100 % of sessions of equal models).
 *
 * Each candidate has a child process of its own, kept over its rounds; it must be quiet while the
 * others have their turns, and its idle CPU time is recorded to show it.
 *
 * @throws what an event throws, and anything but a BeltbenchError that a child throws
 */
export async function measureLatency(jobs: readonly LatencyJob[], seed: number, events: LatencyEvents): Promise<void> {
  const benches = new Map<string, Isolate>();
  try {
    for (const job of jobs) {
      if (!events.beforeTurn(job.id, 'launch', undefined)) {
        return;
      }
      await launch(job, benches, events);
    }
    await runRounds(jobs, benches, seed, events);
  } finally {
    await Promise.all([...benches.values()].map((bench) => bench.close()));
  }
}

async function launch(job: LatencyJob, benches: Map<string, Isolate>, events: LatencyEvents): Promise<void> {
  const bench = startIsolate(besideModule(import.meta.url, 'latencyChild'), job.id);
  benches.set(job.id, bench);
  const launched = await orGiveUp(job.id, bench.call<LaunchResult>('open', job.open), benches, events);
  if (launched !== undefined) {
    await events.onLaunch(job.id, launched);
  }
}

async function runRounds(
  jobs: readonly LatencyJob[],
  benches: Map<string, Isolate>,
  seed: number,
  events: LatencyEvents,
): Promise<void> {
  const random = mulberry32(seed);
  const lastRound = Math.max(0, ...jobs.flatMap((job) => job.missingRounds.map(({ round }) => round)));
  for (let round = 1; round <= lastRound; round += 1) {
    // Shuffled even where nothing is missing, so that a resumed session keeps the order of the first.
    const order = shuffle(jobs, random);
    for (const [index, job] of order.entries()) {
      for (const turn of job.missingRounds.filter((missing) => missing.round === round)) {
        const bench = benches.get(job.id);
        if (bench === undefined) {
          continue;
        }
        if (!events.beforeTurn(job.id, 'measure', round)) {
          return;
        }
        const taken = await orGiveUp(job.id, takeTurn(bench, job, turn, index + 1), benches, events);
        if (taken !== undefined) {
          await events.onRound(job.id, taken);
        }
      }
    }
  }
}

async function takeTurn(bench: Isolate, job: LatencyJob, turn: PlannedRound, position: number): Promise<Round> {
  const before = await readCpuTimes();
  const params: TurnParams = {
    batchSize: turn.batchSize,
    iterations: turn.iterations,
    settleIterations: SETTLE_ITERATIONS,
    stageIterations: turn.batchSize === 1 ? STAGE_ITERATIONS : 0,
  };
  const result = await bench.call<TurnResult>('turn', params);
  const after = await readCpuTimes();
  const { cpu_ms: cpuMs, ...seen } = result;
  return {
    round: turn.round,
    launch: job.open.launch,
    batch_size: turn.batchSize,
    position,
    ...seen,
    other_cpu_share: otherCpuShare(before, after, cpuMs),
  };
}

/** Who fails, or loses its process, leaves the session; an interruption, a bug or somebody's mistake ends it. */
async function orGiveUp<T>(
  id: string,
  answer: Promise<T>,
  benches: Map<string, Isolate>,
  events: LatencyEvents,
): Promise<T | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (
      !(thrown instanceof BeltbenchError) ||
      !['bad_model', 'inference_failed', 'process_lost'].includes(thrown.code)
    ) {
      throw thrown;
    }
    await benches.get(id)?.close();
    benches.delete(id);
    await events.onFailure(id, thrown);
    return undefined;
  }
}
