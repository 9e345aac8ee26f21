// Array reads in this file end in `as number`: every index lies inside by construction, and the
// inner loop can run n^2 / 2 times, too often for a checked read.

export interface PeltOptions {
  /** What a further changepoint must gain. */
  readonly penalty: number;
  /** The smallest variance a segment is credited with. */
  readonly varianceFloor: number;
}

const LEAST_SEGMENT = 2;
const LOG_2_PI = Math.log(2 * Math.PI);
// How long starts that are far from winning rest at most. Any value gives the same result.
const LONGEST_REST = 64;

/**
 * The changepoints in mean and variance of a series: PELT with the cost m (ln 2 pi + ln variance + 1)
 * of a segment of m samples (Killick, Fearnhead & Eckley 2012; methods.md A4). The result is the
 * optimal partition, not an approximation.
 *
 * PELT prunes nothing while nothing changes and then takes O(n^2). Its own inequality, that cutting
 * a segment never raises the cost, C(a, c) >= C(a, b) + C(b, c), also tells how long a start that
 * is far from winning at b cannot win. Such starts rest, which makes a steady series cheap.
 *
 * @returns ascending indices; each is the first sample of a new segment
 */
export function changepoints(samples: Float64Array, { penalty, varianceFloor }: PeltOptions): number[] {
  const n = samples.length;
  const series = prefixSums(samples, varianceFloor);
  const best = new Float64Array(n + 1);
  const previous = new Int32Array(n + 1);
  best[0] = -penalty;
  const totalOf = (start: number, end: number): number =>
    end - start < LEAST_SEGMENT ? Infinity : (best[start] as number) + costOf(series, start, end) + penalty;

  let awake = [0];
  let resting: number[] = [];
  let restingSince = 0;
  let leastAtRest = Infinity;
  for (let end = 1; end <= n; end++) {
    let lowest = Infinity;
    const consider = (start: number): void => {
      const total = totalOf(start, end);
      if (total >= lowest) return;
      lowest = total;
      previous[end] = start;
    };
    awake.forEach(consider);
    const mayWin = leastAtRest + costOf(series, restingSince, end) <= lowest;
    if (mayWin) resting.forEach(consider);
    best[end] = lowest;

    if (mayWin || end - restingSince >= LONGEST_REST) {
      // A start beaten by a segment that ends here is beaten for good, once that is long enough.
      const settled = end + 1 - LEAST_SEGMENT;
      const alive = [...resting, ...awake].filter(
        (start) => settled - start < LEAST_SEGMENT || totalOf(start, settled) - penalty <= (best[settled] as number),
      );
      const mayRest = (start: number): boolean =>
        end - start >= LEAST_SEGMENT && totalOf(start, end) > lowest + penalty / 2;
      resting = alive.filter((start) => mayRest(start));
      awake = alive.filter((start) => !mayRest(start));
      restingSince = end;
      leastAtRest = resting.reduce((least, start) => Math.min(least, totalOf(start, end)), Infinity);
    }
    awake.push(end);
  }
  return pathTo(n, previous);
}

/** Sums over the first i samples, from which any segment's variance follows. */
interface Series {
  /** Of the samples and of their squares, both taken from their mean to keep digits. */
  readonly sums: Float64Array;
  readonly squares: Float64Array;
  readonly varianceFloor: number;
}

function prefixSums(samples: Float64Array, varianceFloor: number): Series {
  const n = samples.length;
  const sums = new Float64Array(n + 1);
  const squares = new Float64Array(n + 1);
  const centre = samples.reduce((sum, sample) => sum + sample, 0) / n;
  for (let index = 0; index < n; index++) {
    const offset = (samples[index] as number) - centre;
    sums[index + 1] = (sums[index] as number) + offset;
    squares[index + 1] = (squares[index] as number) + offset * offset;
  }
  return { sums, squares, varianceFloor };
}

function costOf({ sums, squares, varianceFloor }: Series, from: number, to: number): number {
  const length = to - from;
  const average = ((sums[to] as number) - (sums[from] as number)) / length;
  const square = ((squares[to] as number) - (squares[from] as number)) / length;
  const variance = Math.max(square - average * average, varianceFloor);
  return length * (LOG_2_PI + 1 + Math.log(variance));
}

function pathTo(end: number, previous: Int32Array): number[] {
  const path: number[] = [];
  for (let at = previous[end] as number; at > 0; at = previous[at] as number) path.push(at);
  return path.toReversed();
}
