import type { Speed } from '../../records/comparison.ts';
import { countOf, formatRatio } from '../../shared/units.ts';
import { hodgesLehmann, type HodgesLehmann } from '../../stats/hodgesLehmann.ts';
import { DISPLAY_CONFIDENCE } from '../../stats/proportion.ts';
import { roundsToResolve } from '../../stats/requiredSampleSize.ts';
import { median, standardDeviation } from '../../stats/summary.ts';
import type { MeasuredRun } from './inputs.ts';
import { interleavedRounds } from './interleaved.ts';
import { fewestRounds, SPEED_MARGIN } from './rules.ts';

const WITHOUT_RATIO = { ratio: null, interval: null, coverage: null } as const;

/** One of the two models cannot be measured here; more data would not help. */
export function failedSpeed(reason: string): Speed {
  return { verdict: 'failed', reason, needs: null, rounds: 0, ...WITHOUT_RATIO };
}

/**
 * Whether a variant is faster than the reference, from the rounds that both took in turns
 * (methods.md A7). Rounds are the unit: single inferences of one turn are not independent.
 */
export function judgeSpeed(
  reference: MeasuredRun | undefined,
  variant: MeasuredRun | undefined,
  plannedRounds: number,
): Speed {
  const pairs =
    reference === undefined || variant === undefined ? [] : interleavedRounds(reference.samples, variant.samples);
  return judgeRounds(
    pairs.map((pair) => [pair.reference.samples_ms, pair.variant.samples_ms]),
    plannedRounds,
  );
}

/** The reference's and the variant's milliseconds in one round. */
export type SamplesOfRound = readonly [reference: ArrayLike<number>, variant: ArrayLike<number>];

/** The same from the rounds alone. */
export function judgeRounds(pairs: readonly SamplesOfRound[], plannedRounds: number): Speed {
  const logRatios = pairs.flatMap(logRatio);
  const found = hodgesLehmann(logRatios, DISPLAY_CONFIDENCE);
  return found === undefined ? tooFewRounds(logRatios.length, plannedRounds) : judged(found, logRatios);
}

/** ln(variant / reference) of the medians of one round. */
function logRatio([reference, variant]: SamplesOfRound): number[] {
  const [before, after] = [median(reference), median(variant)];
  return before !== undefined && after !== undefined && before > 0 && after > 0 ? [Math.log(after / before)] : [];
}

function tooFewRounds(rounds: number, planned: number): Speed {
  const needed = fewestRounds();
  return {
    verdict: 'not_enough_data',
    reason: `${rounds === 0 ? 'no rounds' : countOf(rounds, 'round')} taken in turns; an interval takes ${needed}`,
    needs:
      planned < needed
        ? `raise \`benchmarking.rounds\` to ${needed} or more (10 are usual) and run \`beltbench compare\``
        : 'run `beltbench compare --force-new`, which measures the group together',
    rounds,
    ...WITHOUT_RATIO,
  };
}

function judged({ estimate, interval, coverage }: HodgesLehmann, logRatios: readonly number[]): Speed {
  const [ratio, lower, upper] = [Math.exp(estimate), Math.exp(interval.lower), Math.exp(interval.upper)];
  const verdict = verdictOf(ratio, lower, upper);
  return {
    verdict,
    reason: `${formatRatio(ratio)} of the reference's latency (95 %: ${formatRatio(lower)} to ${formatRatio(upper)}, ${countOf(logRatios.length, 'round')})`,
    needs: verdict === 'not_enough_data' ? moreRounds(logRatios) : null,
    rounds: logRatios.length,
    ratio,
    interval: [lower, upper],
    coverage,
  };
}

function verdictOf(ratio: number, lower: number, upper: number): Speed['verdict'] {
  const [least, most] = [1 / (1 + SPEED_MARGIN), 1 + SPEED_MARGIN];
  if (lower >= least && upper <= most) {
    return 'equal';
  }
  if (upper < 1 && ratio < least) {
    return 'faster';
  }
  return lower > 1 && ratio > most ? 'slower' : 'not_enough_data';
}

function moreRounds(logRatios: readonly number[]): string {
  const spread = standardDeviation(logRatios) ?? 0;
  const needed = Math.max(roundsToResolve(spread, SPEED_MARGIN), logRatios.length + 1);
  return `about ${countOf(needed, 'round')} (\`benchmarking.rounds\`), on a machine that does nothing else`;
}
