import type { PairedShare } from '../../records/comparison.ts';
import {
  countOf,
  formatCount,
  formatMargin,
  formatPoints,
  formatPointsInterval,
  formatProbability,
} from '../../shared/units.ts';
import { pairedDifference, type PairedDifference } from '../../stats/mcnemar.ts';
import { imagesForEquivalence, pairedSampleSize } from '../../stats/requiredSampleSize.ts';
import type { ClassRoles } from '../scores.ts';
import type { Answered, PairedAnswer } from './answers.ts';
import { SIGNIFICANCE } from './rules.ts';

/** Which images a share is of, and what counts as right there. */
export interface Question {
  /** What the images are called: "image", "pit image". */
  readonly unit: string;
  readonly isAsked: (image: { readonly label: string }) => boolean;
  readonly isRight: (answered: Answered, label: string) => boolean;
}

/** Accuracy at argmax. Images labelled *maybe* are nobody's truth. */
export function accuracyQuestion({ maybe }: ClassRoles): Question {
  return {
    unit: 'image',
    isAsked: ({ label }) => label !== maybe,
    isRight: ({ answer }, label) => answer === label,
  };
}

/** Recall of the target class at argmax. An answer of *maybe* sends the item to review: no miss. */
export function recallQuestion({ target, maybe }: ClassRoles): Question {
  return {
    unit: `${target} image`,
    isAsked: ({ label }) => label === target,
    isRight: ({ answer }) => answer === target || (maybe !== undefined && answer === maybe),
  };
}

const NOTHING_COUNTED = {
  n: 0,
  only_reference_right: 0,
  only_variant_right: 0,
  difference: null,
  interval: null,
  exact_p: null,
  mid_p: null,
} as const;

/** One of the two models cannot be evaluated here; more data would not help. */
export function failedShare(reason: string): PairedShare {
  return { verdict: 'failed', reason, needs: null, ...NOTHING_COUNTED };
}

/**
 * Whether a variant answers as well as the reference, on the same images (methods.md B2).
 *
 * @param margin the difference that does not matter, as a share
 */
export function judgeShare(answers: readonly PairedAnswer[], question: Question, margin: number): PairedShare {
  const asked = answers.filter(question.isAsked);
  let [onlyReference, onlyVariant] = [0, 0];
  for (const { label, reference, variant } of asked) {
    const [before, after] = [question.isRight(reference, label), question.isRight(variant, label)];
    onlyReference += before && !after ? 1 : 0;
    onlyVariant += after && !before ? 1 : 0;
  }
  const counts = { n: asked.length, only_reference_right: onlyReference, only_variant_right: onlyVariant };
  const paired = pairedDifference(onlyVariant, onlyReference, asked.length);
  if (paired === undefined) {
    return {
      verdict: 'not_enough_data',
      reason: `no ${question.unit} that both models answered`,
      needs: 'add labelled images and run `beltbench compare`',
      ...NOTHING_COUNTED,
    };
  }
  const { difference, interval, exactP, midP } = paired;
  const verdict = verdictOf(paired, margin);
  return {
    verdict,
    reason: describe(paired, counts, question.unit, verdict),
    needs: verdict === 'not_enough_data' ? moreImages(counts, difference, margin, question.unit) : null,
    ...counts,
    difference,
    interval: [interval.lower, interval.upper],
    exact_p: exactP,
    mid_p: midP,
  };
}

/** A difference that is proven to be smaller than what matters is none, also when it is no noise. */
function verdictOf({ difference, interval, exactP }: PairedDifference, margin: number): PairedShare['verdict'] {
  if (interval.lower >= -margin && interval.upper <= margin) {
    return 'equivalent';
  }
  if ((exactP < SIGNIFICANCE && difference < 0) || interval.upper < -margin) {
    return 'worse';
  }
  return (exactP < SIGNIFICANCE && difference > 0) || interval.lower > margin ? 'better' : 'not_enough_data';
}

type Counts = Pick<PairedShare, 'n' | 'only_reference_right' | 'only_variant_right'>;

function describe(
  { difference, interval, exactP }: PairedDifference,
  { n, only_reference_right: lost, only_variant_right: won }: Counts,
  unit: string,
  verdict: PairedShare['verdict'],
): string {
  const real = verdict === 'equivalent' && exactP < SIGNIFICANCE ? '; more than noise, but less than what matters' : '';
  return `${formatPoints(difference)} (95 %: ${formatPointsInterval([interval.lower, interval.upper])}): of ${countOf(n, unit)} ${formatCount(won)} right in the variant alone, ${formatCount(lost)} in the reference alone; exact McNemar p = ${formatProbability(exactP)}${real}`;
}

function moreImages(
  { n, only_reference_right: lost, only_variant_right: won }: Counts,
  difference: number,
  margin: number,
  unit: string,
): string {
  const forEquivalence = imagesForEquivalence(won, lost, n, margin);
  if (forEquivalence !== undefined) {
    return `about ${countOf(forEquivalence, unit)} with the same share of changed answers to prove it within ${formatMargin(margin)} points`;
  }
  const toResolve = pairedSampleSize({ difference, discordance: (won + lost) / n });
  return `about ${countOf(toResolve ?? n + 1, unit)} to tell a difference of this size from noise`;
}
