import { Bench, type TaskResult } from 'tinybench';

/** Samples in the order in which they were taken, with their starts. */
export interface TimedSamples {
  readonly samplesMs: number[];
  /** Start of each sample after the start of the first. */
  readonly startOffsetsMs: number[];
  /** Start of the first sample on the process's performance clock; without samples, now. */
  readonly firstStartMs: number;
}

/**
 * Times `iterations` calls of `run`, each one sample, with tinybench driving the loop. The clock is
 * the process's performance clock: monotonic, in nanosecond steps, and the one garbage collections
 * are reported on.
 *
 * tinybench sorts the samples that it retains, and order is what warm-up and drift are read from. So
 * the clock it is given writes down every reading: a start and an end per sample.
 *
 * @param prepare runs before each sample, untimed
 * @throws whatever `run` throws
 */
export async function timeRuns(
  run: () => Promise<unknown>,
  iterations: number,
  prepare: (iteration: number) => void = () => undefined,
): Promise<TimedSamples> {
  if (iterations === 0) {
    return { samplesMs: [], startOffsetsMs: [], firstStartMs: performance.now() };
  }
  const readings = new Float64Array(2 * iterations);
  let count = 0;
  let counting = false;
  let iteration = 0;
  const now = (): number => {
    const ms = performance.now();
    if (counting && count < readings.length) {
      readings[count] = ms;
      count += 1;
    }
    return ms;
  };
  const bench = new Bench({ now, iterations, time: 0, warmup: false, retainSamples: true, throws: true });
  bench.add('session.run', run, {
    async: true,
    beforeEach: () => {
      prepare(iteration);
      iteration += 1;
      counting = true;
    },
    afterEach: () => {
      counting = false;
    },
  });
  const [task] = await bench.run();
  return inOrder(readings.subarray(0, count), task?.result);
}

/** The readings as samples; they must be the very samples that tinybench kept. */
function inOrder(readings: Float64Array, result: TaskResult | undefined): TimedSamples {
  const starts = readings.filter((_, index) => index % 2 === 0);
  const ends = readings.filter((_, index) => index % 2 === 1);
  const [firstStartMs] = starts;
  const samplesMs = Array.from(ends, (end, index) => end - (starts[index] ?? Number.NaN));
  const kept = retainedSamples(result);
  const sorted = samplesMs.toSorted((a, b) => a - b);
  if (firstStartMs === undefined || kept.length !== sorted.length || kept.some((sample, i) => sample !== sorted[i])) {
    throw new Error(`tinybench kept ${kept.length} samples that differ from the ${sorted.length} clock readings`);
  }
  return { samplesMs, startOffsetsMs: Array.from(starts, (start) => start - firstStartMs), firstStartMs };
}

function retainedSamples(result: TaskResult | undefined): readonly number[] {
  if (result?.state !== 'completed' || result.latency.samples === undefined) {
    throw new Error(`tinybench kept no samples, its state is ${result?.state ?? 'unknown'}`);
  }
  return result.latency.samples;
}
