import { distance } from 'fastest-levenshtein';
import { printable } from './shown.ts';

/** Beyond this many, a list of names helps nobody. */
const MOST_LISTED = 30;
const LONGEST_NAME = 100;

/** ", did you mean `x`?" for the nearest name, or the names that are allowed when none is near. */
export function hint(name: string, known: readonly string[]): string {
  if (known.length === 0) {
    return '; remove it';
  }
  const near = nearest(name, known);
  if (near !== undefined) {
    return `, did you mean \`${printable(near)}\`?`;
  }
  const listed = known.slice(0, MOST_LISTED).map((allowed) => printable(allowed));
  return `; allowed here: ${listed.join(', ')}${known.length > MOST_LISTED ? ', ...' : ''}`;
}

/** The known name that was probably meant: the same but for case and dashes, a few letters off, or a part of it. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = inSnakeCase(name.slice(0, LONGEST_NAME));
  const allowed = Math.min(Math.max(2, Math.ceil(wanted.length / 3)), wanted.length - 1);
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(wanted, inSnakeCase(candidate)) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best !== undefined && best.distance <= allowed) {
    return best.candidate;
  }
  return known.find((candidate) => `_${inSnakeCase(candidate)}_`.includes(`_${wanted}_`));
}

function inSnakeCase(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[-\s.]+/g, '_')
    .toLowerCase();
}
