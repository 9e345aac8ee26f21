import type { RootContent } from 'mdast';
import type { ComparedVariant, Comparison, PairedShare, Speed } from '../../records/comparison.ts';
import { code, heading, left, table, type Inline, type Line } from '../mdast.ts';
import { sentence } from '../figures.ts';

export const SPEED_VERDICTS: Readonly<Record<Speed['verdict'], string>> = {
  faster: 'faster',
  equal: 'equally fast',
  slower: 'SLOWER',
  not_enough_data: 'NOT ENOUGH DATA',
  failed: 'FAILED',
};

export const SHARE_VERDICTS: Readonly<Record<PairedShare['verdict'], string>> = {
  equivalent: 'equivalent',
  better: 'better',
  worse: 'WORSE',
  not_enough_data: 'NOT ENOUGH DATA',
  failed: 'FAILED',
};

const ALONE: Readonly<Record<Speed['verdict'], string>> = {
  ...SPEED_VERDICTS,
  not_enough_data: 'speed NOT ENOUGH DATA',
  failed: 'speed FAILED',
};

/** One variant's three verdicts in a line: "faster; accuracy equivalent; pit recall equivalent". */
export function verdictLine(
  { speed, accuracy_difference, recall_difference }: ComparedVariant,
  target: string,
): string {
  return [
    ALONE[speed.verdict],
    `accuracy ${SHARE_VERDICTS[accuracy_difference.verdict]}`,
    `${target} recall ${SHARE_VERDICTS[recall_difference.verdict]}`,
  ].join('; ');
}

/** Each verdict with the numbers it rests on, and what would settle an open one. */
export function verdicts({ variants, target_class: target }: Comparison): RootContent[] {
  return [
    heading(2, 'Verdicts'),
    table(
      [left('Variant'), left('Question'), left('Verdict'), left('Why'), left('To settle it')],
      variants.flatMap((variant) => rowsOf(variant, target)),
    ),
  ];
}

function rowsOf({ id, speed, accuracy_difference, recall_difference }: ComparedVariant, target: string): Line[][] {
  const row = (question: string, verdict: string, { reason, needs }: Speed | PairedShare): Line[] => [
    code(id),
    question,
    verdict,
    sentence(reason),
    needs === null ? ['nothing'] : ([sentence(needs)] satisfies Inline[]),
  ];
  return [
    row('Speed', SPEED_VERDICTS[speed.verdict], speed),
    row('Accuracy', SHARE_VERDICTS[accuracy_difference.verdict], accuracy_difference),
    row(`Recall of ${target}`, SHARE_VERDICTS[recall_difference.verdict], recall_difference),
  ];
}
