import { check } from '../config/problems.ts';
import { shown } from '../config/shown.ts';
import { interleavedRounds } from '../decide/compare/interleaved.ts';
import { judgeRounds, type SamplesOfRound } from '../decide/compare/speed.ts';
import type { Speed } from '../records/comparison.ts';
import { latencySamplesSchema, type LatencySamples } from '../records/latency.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { checkNumbers, isNumberList } from './checkArgument.ts';

/** The milliseconds of each round; the same place in both models' lists is the same round. */
export type LatencyRounds = readonly ArrayLike<number>[];

/** More rounds say nothing new, and the exact interval takes their cube. */
const MOST_ROUNDS = 1000;

/**
 * Whether a variant is faster than a reference, from rounds that the two took in turns: drift of the
 * machine between two sessions passes for a difference of equal models. The Hodges-Lehmann estimate of
 * the ratio of the rounds' medians, with the exact 95 % Wilcoxon interval.
 *
 * Both are lists of rounds, or both the content of `samples.json` beside two latency records; then the
 * rounds that were not taken in turns are left out.
 *
 * @returns the verdict (`equal`: within 2 %), the ratio variant / reference, its interval, and with too little data what it needs
 * @throws BeltbenchError `bad_usage` when the two cannot be read or paired
 */
export function compareLatency(
  reference: LatencyRounds | LatencySamples,
  variant: LatencyRounds | LatencySamples,
): Speed {
  if (Array.isArray(reference) || Array.isArray(variant)) {
    const pairs = pairInOrder(checkRounds('reference', reference), checkRounds('variant', variant));
    return judgeRounds(pairs, pairs.length);
  }
  const stored = [checkSamples('reference', reference), checkSamples('variant', variant)] as const;
  const planned = Math.min(...stored.map(({ rounds }) => new Set(rounds.map(({ round }) => round)).size));
  const pairs = interleavedRounds(...stored).map((pair): SamplesOfRound => [
    pair.reference.samples_ms,
    pair.variant.samples_ms,
  ]);
  if (pairs.length > MOST_ROUNDS) {
    throw new BeltbenchError(
      'bad_usage',
      `compareLatency: the two must have taken at most ${MOST_ROUNDS} rounds in turns, received ${pairs.length}; give fewer`,
    );
  }
  return judgeRounds(pairs, planned);
}

function pairInOrder(reference: readonly Float64Array[], variant: readonly Float64Array[]): SamplesOfRound[] {
  if (reference.length !== variant.length) {
    throw new BeltbenchError(
      'bad_usage',
      `compareLatency: both models must have taken the same rounds, received ${reference.length} of \`reference\` and ${variant.length} of \`variant\``,
    );
  }
  return reference.flatMap((samples, index) => {
    const other = variant[index];
    return other === undefined ? [] : [[samples, other] as const];
  });
}

function checkRounds(what: string, rounds: unknown): Float64Array[] {
  if (!Array.isArray(rounds) || rounds.length > MOST_ROUNDS || rounds.some((round) => !isNumberList(round))) {
    throw new BeltbenchError(
      'bad_usage',
      `compareLatency: \`${what}\` must be at most ${MOST_ROUNDS} rounds, each an array of milliseconds, received ${shown(rounds)}; samples that were not taken in turns with the other model's cannot be compared`,
    );
  }
  return rounds.map((round, index) => {
    const samples = checkNumbers('compareLatency', `${what}[${index}]`, round);
    if (samples.length === 0 || samples.some((ms) => ms <= 0)) {
      throw new BeltbenchError(
        'bad_usage',
        `compareLatency: \`${what}[${index}]\` must hold milliseconds above 0, received ${shown(round)}`,
      );
    }
    return samples;
  });
}

function checkSamples(what: string, value: unknown): LatencySamples {
  const checked = check(latencySamplesSchema, value);
  if (!checked.ok) {
    throw new BeltbenchError(
      'bad_usage',
      `compareLatency: \`${what}\` must be a list of rounds or the content of a samples.json: ${checked.problem}`,
    );
  }
  return checked.value;
}
