import type { Recipe } from '../../records/recipe.ts';
import type { Range, ValueStatistics } from '../statistics.ts';
import { binsOf, type Bins } from './bins.ts';

const LEVELS = 256;
/** What an integer counts whose bins hold only numbers moved there from outside, as in the Python tool. */
const ALMOST_NONE = 1e-4;
/** Candidates lie this far apart, as a part of their size: the divergence is flat around its minimum. */
const STEP = 1 / 64;
/** Of cuts that keep almost as much as the best, the widest is taken: what is cut off is lost for good. */
const TOLERANCE = 0.5;

/**
 * The range, cut at equal distances from 0, whose 256 integers keep most of the distribution: the
 * smallest Kullback-Leibler divergence of the numbers moved into the cut from the same numbers
 * spread evenly over each integer's share of it (Migacz, 8-bit Inference with TensorRT, GTC 2017;
 * onnxruntime 1.30, calibrate.py, get_entropy_threshold).
 *
 * Unlike in the Python tool, whose default of as many bins as integers leaves one candidate, there
 * are thousands of bins; where the numbers do not reach one side of the cut, all integers of `u8`
 * serve the other; bins are dealt evenly to the integers, none of which gets all that is left; and
 * the bin at 0 counts no more than the next, as in NVIDIA's pytorch-quantization, because the zeros
 * that ReLU heaps there stay exact whatever the range is.
 *
 * Other values heap up too: behind a black background every channel has one number of its own. Such
 * heaps would reward the finest integers, so the narrowest cut (resnet18 on cherries: 4 dB of SQNR in
 * the logits, 34 without a cut). So bins are averaged over the share of one integer of the widest
 * cut on either side, and the widest cut wins whose divergence is at most half as much again as the
 * smallest (26 dB).
 */
export function entropyRange({ min, max, histogram }: ValueStatistics, activations: Recipe['activations']): Range {
  const bins = binsOf(histogram, Infinity);
  const [below, above] = [bins.zero, bins.counts.length - bins.zero];
  const farthest = Math.max(below, above);
  const sums = new Sums(withoutHeaps(withoutSpike(bins)));
  const tried = candidates(below, above, activations).map((reach) => ({
    reach,
    divergence:
      activations === 's8'
        ? sums.divergence(bins.zero - reach, bins.zero + reach)
        : sums.divergence(bins.zero - Math.min(reach, below), bins.zero + Math.min(reach, above)),
  }));
  const most = (1 + TOLERANCE) * tried.reduce((least, { divergence }) => Math.min(least, divergence), Infinity);
  const widest = tried.findLast(({ divergence }) => divergence <= most)?.reach ?? farthest;
  const limit = widest < farthest ? widest * bins.width : Infinity;
  return { min: Math.max(min, -limit), max: Math.min(max, limit) };
}

/** In bins from 0, up to all of them; fewer bins than integers inside the cut would make rounding look free. */
function candidates(below: number, above: number, activations: Recipe['activations']): number[] {
  const narrower = activations === 's8' ? Infinity : Math.min(below, above);
  const farthest = Math.max(below, above);
  const reaches: number[] = [];
  const smallest = LEVELS - Math.min(LEVELS / 2, narrower);
  for (let reach = smallest; reach < farthest; reach += Math.ceil(reach * STEP)) {
    reaches.push(reach);
  }
  return [...reaches, farthest];
}

function withoutSpike({ counts, zero }: Bins): Float64Array {
  const smooth = counts.slice();
  const next = counts[zero + 1];
  if (next !== undefined) {
    smooth[zero] = Math.min(counts[zero] ?? 0, next);
  }
  return smooth;
}

/** Each bin is the mean of those around it that exist. */
function withoutHeaps(counts: Float64Array): Float64Array {
  const around = Math.round(counts.length / LEVELS);
  const sums = runningSum(counts);
  return counts.map((_, bin) => {
    const [start, end] = [Math.max(0, bin - around), Math.min(counts.length, bin + around + 1)];
    return (upTo(sums, end) - upTo(sums, start)) / (end - start);
  });
}

/** Sums over bins from the first on, which make a candidate cost no more than its integers. */
class Sums {
  readonly #counts: Float64Array;
  readonly #numbers: Float64Array;
  readonly #filled: Float64Array;
  readonly #logs: Float64Array;

  constructor(counts: Float64Array) {
    this.#counts = counts;
    this.#numbers = runningSum(counts);
    this.#filled = runningSum(counts.map((count) => (count > 0 ? 1 : 0)));
    this.#logs = runningSum(counts.map(timesLog));
  }

  /**
   * Of the cut from bin `start` to before `end`, either of which may lie outside the bins, in nats.
   * With p the numbers moved into the cut and q the same without what came from outside, spread:
   * sum of p/P ln(p/P) - p/P ln(q/Q).
   */
  divergence(start: number, end: number): number {
    const total = this.#total;
    const inside = upTo(this.#numbers, end) - upTo(this.#numbers, start);
    if (inside === 0) {
      return Infinity;
    }
    const fromBelow = upTo(this.#numbers, start);
    const fromAbove = total - upTo(this.#numbers, end);
    const [first, last] = [this.#counts[start] ?? 0, this.#counts[end - 1] ?? 0];
    let logs = upTo(this.#logs, end) - upTo(this.#logs, start);
    logs += timesLog(first + fromBelow) - timesLog(first) + timesLog(last + fromAbove) - timesLog(last);
    for (let level = 0, from = start; level < LEVELS; level += 1) {
      const to = start + Math.ceil(((level + 1) * (end - start)) / LEVELS);
      const moved = (level === 0 ? fromBelow : 0) + (level === LEVELS - 1 ? fromAbove : 0);
      const own = upTo(this.#numbers, to) - upTo(this.#numbers, from);
      if (own + moved > 0) {
        const outermost = level === 0 ? first : last;
        const filled = upTo(this.#filled, to) - upTo(this.#filled, from) + (moved > 0 && outermost === 0 ? 1 : 0);
        logs -= (own + moved) * Math.log(Math.max(own, ALMOST_NONE) / filled);
      }
      from = to;
    }
    return logs / total - Math.log(total) + Math.log(inside);
  }

  get #total(): number {
    return this.#numbers.at(-1) ?? 0;
  }
}

/** Entry i is the sum of the first i numbers. */
function runningSum(numbers: Float64Array): Float64Array {
  const sums = new Float64Array(numbers.length + 1);
  for (let index = 0; index < numbers.length; index += 1) {
    sums[index + 1] = (sums[index] ?? 0) + (numbers[index] ?? 0);
  }
  return sums;
}

function upTo(sums: Float64Array, index: number): number {
  return sums[Math.min(Math.max(index, 0), sums.length - 1)] ?? 0;
}

function timesLog(count: number): number {
  return count > 0 ? count * Math.log(count) : 0;
}
