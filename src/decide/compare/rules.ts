import type { Comparison } from '../../records/comparison.ts';
import { formatMargin } from '../../shared/units.ts';
import { minimumPairs } from '../../stats/hodgesLehmann.ts';
import { DISPLAY_CONFIDENCE } from '../../stats/proportion.ts';

/** A ratio of latencies nearer to 1 than this is nothing that a line would notice. */
export const SPEED_MARGIN = 0.02;
/** The two-sided level below which a difference is more than noise. */
export const SIGNIFICANCE = 0.05;

/** The fewest rounds that give a ratio an interval at that confidence. */
export function fewestRounds(): number {
  return minimumPairs(DISPLAY_CONFIDENCE);
}

/** The rules that the verdicts follow, as numbers and in words. */
export function comparisonRules(accuracyMargin: number, targetClass: string): Comparison['rules'] {
  const points = formatMargin(accuracyMargin);
  return {
    confidence: DISPLAY_CONFIDENCE,
    speed_margin: SPEED_MARGIN,
    accuracy_margin: accuracyMargin,
    significance: SIGNIFICANCE,
    text: [
      `Speed: the ratio of the two models' medians in each round that they took in turns; over the rounds the Hodges-Lehmann estimate with the exact 95 % Wilcoxon interval. Faster or slower: the interval excludes 1 and the ratio lies more than ${SPEED_MARGIN * 100} % off. Equal: the interval lies within ${SPEED_MARGIN * 100} %. Else not enough data. Each model is launched once, so what differs from launch to launch is not in the interval.`,
      `Accuracy and ${targetClass} recall at argmax, on the images that both answered. Equivalent: Tango's 95 % interval of the difference lies within +/- ${points} points. Worse, or better: the exact McNemar p is below ${SIGNIFICANCE}, or the interval lies wholly beyond ${points} points. Else not enough data.`,
      `Each variant is judged on its own: among many equal ones, about 1 in ${1 / SIGNIFICANCE} seems different by chance.`,
      'The INT8 shares are what the file asks for; what the runtime makes of it shows in the latency.',
      'Integer kernels differ between instruction sets: the answers are those of this host, and of hosts with the same ones.',
    ],
  };
}
