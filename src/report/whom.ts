import { formatCount } from '../shared/units.ts';
import { enumerate, type Inline } from './mdast.ts';

/** More names than this are a list, which no first line bears. */
const MOST_NAMES = 3;

/** Of whom something holds: all candidates, or these by name. */
export function whom(names: readonly string[], all: readonly string[]): Inline[] {
  return names.length > 1 && all.every((id) => names.includes(id)) ? ['all candidates'] : enumerate(names);
}

/** The same for a first line: of more than a few the number alone. */
export function whomInShort(names: readonly string[], all: readonly string[]): Inline[] {
  const named = whom(names, all);
  return names.length > MOST_NAMES && named.length > 1
    ? [`${formatCount(names.length)} of ${formatCount(all.length)} candidates`]
    : named;
}
