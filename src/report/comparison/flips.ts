import type { RootContent } from 'mdast';
import type { ComparedVariant, Comparison, Flip } from '../../records/comparison.ts';
import { countOf, formatCount, NOT_MEASURED } from '../../shared/units.ts';
import { code, heading, left, paragraph, right, strong, table, type Line } from '../mdast.ts';

/** Longer lists nobody reads; the JSON has them all. */
const MOST_LISTED = 50;

/** How many answers changed, how far the probabilities moved, and which images changed their class. */
export function flips({ variants, target_class: target }: Comparison): RootContent[] {
  return [
    heading(2, 'Changed answers'),
    table(
      [
        left('Variant'),
        right('Images'),
        right('Changed class'),
        right(`New misses of ${target}`),
        right(`Others no longer called ${target}`),
        right('Mean change of probability'),
        right('Largest'),
        left('On'),
      ],
      variants.map(summaryRow),
    ),
    ...variants.filter((variant) => variant.flips.length > 0).flatMap((variant) => listOf(variant, target)),
  ];
}

function summaryRow({ id, flips: all, probability_change: change }: ComparedVariant): Line[] {
  const numbers = [all.length, countKind(all, 'new_miss'), countKind(all, 'target_cleared')].map(formatCount);
  return change === null
    ? [code(id), '0', ...Array<string>(6).fill(NOT_MEASURED)]
    : [
        code(id),
        formatCount(change.n),
        ...numbers,
        change.mean.toFixed(4),
        change.max.toFixed(4),
        change.max === 0 ? 'none' : code(change.max_id),
      ];
}

function countKind(all: readonly Flip[], kind: Flip['kind']): number {
  return all.filter((flip) => flip.kind === kind).length;
}

function listOf({ id, flips: all }: ComparedVariant, target: string): RootContent[] {
  const listed = all.slice(0, MOST_LISTED);
  const leftOut = all.length - listed.length;
  return [
    heading(3, 'Images that changed their class in ', code(id)),
    paragraph(
      leftOut > 0
        ? `The first ${formatCount(listed.length)} of ${countOf(all.length, 'image')}, the gravest first; the JSON file lists all.`
        : `${countOf(all.length, 'image')}, the gravest first.`,
    ),
    table(
      [
        left('Image'),
        left('Label'),
        left('Reference'),
        left('Variant'),
        right(`p(${target}) before`),
        right('after'),
        left('What it means'),
      ],
      listed.map((flip) => [
        code(flip.id),
        flip.label,
        flip.reference_answer,
        flip.variant_answer,
        flip.reference_probability.toFixed(4),
        flip.variant_probability.toFixed(4),
        meaningOf(flip, target),
      ]),
    ),
  ];
}

function meaningOf({ kind, label, reference_answer: before, variant_answer: after }: Flip, target: string): Line {
  switch (kind) {
    case 'new_miss':
      return strong(`${target} now missed`);
    case 'to_review':
      return 'now for review';
    case 'to_target':
      return label === target ? `${target} now found` : 'now rejected';
    case 'target_cleared':
    case 'other':
      return label === after ? 'now right' : label === before ? 'now wrong' : 'still wrong';
  }
}
