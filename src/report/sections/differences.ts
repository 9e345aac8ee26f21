import type { RootContent } from 'mdast';
import type { Decision, Pair } from '../../records/decision.ts';
import { formatCount, formatPoints, formatPointsInterval, formatProbability } from '../../shared/units.ts';
import { describeDifference } from '../differences.ts';
import { bullets, code, heading, left, paragraph, right, table, type Line } from '../mdast.ts';

/** The selected candidate against each other one, image by image: what noise explains. */
export function differences({ pairs, selected }: Decision): RootContent[] {
  if (selected === null) {
    return [];
  }
  const title = heading(2, code(selected), ' against the others');
  if (pairs.length === 0) {
    return [title, paragraph('Not measured: no other candidate was evaluated on the same images.')];
  }
  return [
    title,
    bullets(pairs.map((pair) => [...describeDifference(pair, selected), '.'])),
    table(
      [
        left('Other'),
        right('Images'),
        right(['Only ', code(selected), ' right']),
        right('Only the other right'),
        right('Difference (95 %, Tango)'),
        right('Exact p'),
        right('Mid-p'),
        right('Images to resolve it'),
        left('Noise could explain it'),
      ],
      pairs.map(rowOf),
    ),
    paragraph(
      'A pair of answers counts only where exactly one of the two models is right (McNemar). This is information: it never changes what the selector answers.',
    ),
  ];
}

function rowOf(pair: Pair): Line[] {
  return [
    code(pair.other),
    formatCount(pair.n),
    formatCount(pair.only_selected_right),
    formatCount(pair.only_other_right),
    `${formatPoints(pair.difference)} (${formatPointsInterval(pair.interval)})`,
    formatProbability(pair.exact_p),
    formatProbability(pair.mid_p),
    pair.images_to_resolve === null ? 'no difference' : formatCount(pair.images_to_resolve),
    pair.explained_by_noise ? 'yes' : 'no',
  ];
}
