import { Bench, type TaskResult } from 'tinybench';

/** Samples in the order in which they were taken, with their starts. */
export interface TimedSamples {
  readonly samplesMs: number[];
  /** Start of each sample after the first clock reading of the loop. */
  readonly startOffsetsMs: number[];
}

/**
 * Times `iterations` calls of `run`, each one sample, with tinybench driving the loop.
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
  const readings = new Float64Array(2 * iterations);
  let count = 0;
  let counting = false;
  let iteration = 0;
  const origin = process.hrtime.bigint();
  const now = (): number => {
    const elapsedMs = Number(process.hrtime.bigint() - origin) / 1e6;
    if (counting && count < readings.length) {
      readings[count] = elapsedMs;
      count += 1;
    }
    return elapsedMs;
  };
  const bench = new Bench({ now, iterations, time: 0, warmup: false, retainSamples: true, throws: true });
  bench.add('session.run', async () => await run(), {
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
  return inOrder(readings, count, task?.result);
}

/** The readings as samples; they must be the very samples that tinybench kept. */
function inOrder(readings: Float64Array, count: number, result: TaskResult | undefined): TimedSamples {
  const samplesMs: number[] = [];
  const startOffsetsMs: number[] = [];
  const firstMs = readings[0] ?? 0;
  for (let i = 0; i + 1 < count; i += 2) {
    const startMs = readings[i] ?? 0;
    startOffsetsMs.push(startMs - firstMs);
    samplesMs.push((readings[i + 1] ?? 0) - startMs);
  }
  const kept = retainedSamples(result);
  const sorted = samplesMs.toSorted((a, b) => a - b);
  if (kept.length !== sorted.length || kept.some((sample, i) => sample !== sorted[i])) {
    throw new Error(`tinybench kept ${kept.length} samples that differ from the ${sorted.length} clock readings`);
  }
  return { samplesMs, startOffsetsMs };
}

function retainedSamples(result: TaskResult | undefined): readonly number[] {
  if (result?.state !== 'completed' || result.latency.samples === undefined) {
    throw new Error(`tinybench kept no samples, its state is ${result?.state ?? 'unknown'}`);
  }
  return result.latency.samples;
}
