import type { Pair } from '../records/decision.ts';
import { formatCount, formatProbability } from '../shared/units.ts';
import { code, enumerate, type Inline } from './mdast.ts';

/** One difference in words: how many images, and whether noise explains it. */
export function describeDifference(pair: Pair, selected: string): Inline[] {
  const net = pair.only_selected_right - pair.only_other_right;
  const p = `exact McNemar p = ${formatProbability(pair.exact_p)}`;
  const all = `of the ${formatCount(pair.n)} images`;
  const compared: Inline[] =
    net === 0
      ? [code(selected), ' and ', code(pair.other), ` are right on equally many ${all}`]
      : [
          code(selected),
          ` is right on ${formatCount(Math.abs(net))} ${net < 0 ? 'fewer' : 'more'} ${all} than `,
          code(pair.other),
        ];
  if (!pair.explained_by_noise) {
    return [...compared, `, which is more than noise (${p})`];
  }
  const resolve =
    pair.images_to_resolve === null
      ? ''
      : `; some ${formatCount(roughly(pair.images_to_resolve))} images would be needed to tell`;
  return [...compared, net === 0 ? ` (${p})` : `, which noise could explain (${p}${resolve})`];
}

/** The doubt in one or two sentences: the difference most like noise in full, the others by name. */
export function describeNoise(pairs: readonly Pair[], selected: string, others: number): Inline[] {
  const [closest, ...rest] = pairs.toSorted((a, b) => b.exact_p - a.exact_p);
  if (closest === undefined) {
    return others === 0
      ? ['There is no other candidate to compare it with.']
      : ['Whether noise explains its distance to the others cannot be told: none was evaluated on the same images.'];
  }
  const named = (noise: boolean): string[] =>
    rest.filter(({ explained_by_noise }) => explained_by_noise === noise).map(({ other }) => other);
  return [
    ...describeDifference(closest, selected),
    '.',
    ...about(named(true), ' could be noise, too.', ' could be noise, too.'),
    ...about(named(false), ' is more than noise.', ' are more than noise.'),
  ];
}

/** More names than these are a list, and stand in the table below. */
const MOST_NAMES = 2;

function about(names: readonly string[], one: string, several: string): Inline[] {
  if (names.length === 0) {
    return [];
  }
  const whom = names.length > MOST_NAMES ? [`${formatCount(names.length)} others`] : enumerate(names);
  return [` The difference${names.length === 1 ? '' : 's'} to `, ...whom, names.length === 1 ? one : several];
}

/** Two digits are as many as an estimate of a sample size deserves. */
function roughly(count: number): number {
  return Number(count.toPrecision(2));
}
