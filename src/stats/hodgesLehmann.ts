import { at } from './at.ts';
import { complement } from './complement.ts';
import type { Interval } from './proportion.ts';
import { median } from './summary.ts';

/** Where paired differences lie, with an exact interval that assumes symmetry about it and no more. */
export interface HodgesLehmann {
  /** The median of the Walsh averages: of the means of all pairs, each difference with itself included. */
  readonly estimate: number;
  readonly interval: Interval;
  /** The interval's actual confidence, at least the nominal one. */
  readonly coverage: number;
}

/**
 * The Hodges-Lehmann estimate of paired differences with the exact interval that the Wilcoxon
 * signed-rank test gives (Hodges & Lehmann 1963; methods.md A7).
 *
 * @param differences one per round, such as the logarithm of the ratio of two latencies
 * @returns undefined when so few differences have no interval of that confidence: `minimumPairs` says how many it takes
 * @throws RangeError when a difference is not finite
 */
export function hodgesLehmann(differences: readonly number[], confidence: number): HodgesLehmann | undefined {
  if (!differences.every(Number.isFinite)) throw new RangeError(`not finite differences: ${differences.join(', ')}`);
  const depth = intervalDepth(differences.length, confidence);
  if (depth === undefined) return undefined;
  const walsh = walshAverages(differences);
  const estimate = median(walsh);
  if (estimate === undefined) return undefined;
  return {
    estimate,
    interval: { lower: at(walsh, depth.rank - 1), upper: at(walsh, walsh.length - depth.rank) },
    coverage: 1 - 2 * depth.tail,
  };
}

/** The fewest pairs that have an interval of this confidence: 6 for 0.95. */
export function minimumPairs(confidence: number): number {
  return Math.ceil(Math.log2(2 / complement(confidence)));
}

/** The means of all pairs of differences, i <= j, in ascending order. */
function walshAverages(differences: readonly number[]): Float64Array {
  const averages = new Float64Array((differences.length * (differences.length + 1)) / 2);
  let next = 0;
  for (let i = 0; i < differences.length; i++) {
    for (let j = i; j < differences.length; j++) averages[next++] = (at(differences, i) + at(differences, j)) / 2;
  }
  return averages.toSorted();
}

/** Which Walsh average, from either end, bounds the interval, and the chance that the truth lies beyond it. */
function intervalDepth(pairs: number, confidence: number): { rank: number; tail: number } | undefined {
  const alpha = complement(confidence) / 2;
  const probabilities = rankSumProbabilities(pairs);
  let rank = 0;
  let tail = 0;
  let sum = 0;
  for (const probability of probabilities) {
    sum += probability;
    if (sum > alpha) break;
    rank += 1;
    tail = sum;
  }
  return rank === 0 ? undefined : { rank, tail };
}

/**
 * The distribution of the sum of the positive ranks when every sign is a coin toss. Halved at each
 * step, because the counts themselves outgrow a double at some thousand pairs.
 */
function rankSumProbabilities(pairs: number): Float64Array {
  const most = (pairs * (pairs + 1)) / 2;
  const probabilities = new Float64Array(most + 1);
  probabilities[0] = 1;
  for (let rank = 1; rank <= pairs; rank++) {
    for (let sum = (rank * (rank + 1)) / 2; sum >= 0; sum--) {
      const without = at(probabilities, sum);
      const withRank = sum >= rank ? at(probabilities, sum - rank) : 0;
      probabilities[sum] = (without + withRank) / 2;
    }
  }
  return probabilities;
}
