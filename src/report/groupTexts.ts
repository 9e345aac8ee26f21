/** A sentence about one candidate, or about the whole (`null`), and what kind of sentence it is. */
export interface Told {
  readonly kind: string;
  readonly text: string;
  readonly candidate: string | null;
}

/** A sentence and everybody it holds of; nobody where it is about the whole. */
export interface SharedText {
  readonly kind: string;
  readonly text: string;
  readonly candidates: readonly string[];
}

/** A number that stands by itself, not one inside a name, a power of ten or a size such as 128x128. */
const NUMBER = /(?<![\w.,-])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w-]|\.\d)|(?<![\w.,-])\d+(?:\.\d+)?(?![\w-]|\.\d)/g;
/** Names in backticks keep their numbers. */
const CODE = /(`[^`]*`)/;

/**
 * Every sentence once, with all candidates that share it, in the order of their first. Sentences on
 * candidates, of one kind, that differ in one number alone are one, with that number's range: "took
 * 43-72 % of the machine". Two ranges would not say which numbers belong together.
 */
export function groupTexts(told: readonly Told[]): SharedText[] {
  const groups = new Map<string, Told[]>();
  for (const each of told) {
    const { kind, text, candidate } = each;
    const key = JSON.stringify(candidate === null ? [kind, text] : [kind, piecesOf(text), 'of a candidate']);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flatMap((group) => (differingPlaces(group) <= 1 ? [merge(group)] : byText(group)));
}

function byText(group: readonly Told[]): SharedText[] {
  const texts = [...new Set(group.map(({ text }) => text))];
  return texts.map((text) => merge(group.filter((each) => each.text === text)));
}

function merge(group: readonly Told[]): SharedText {
  return {
    kind: group[0]?.kind ?? '',
    text: withRange(group.map(({ text }) => text)),
    candidates: [...new Set(group.flatMap(({ candidate }) => candidate ?? []))],
  };
}

function differingPlaces(group: readonly Told[]): number {
  const [first = [], ...others] = group.map(({ text }) => numbersOf(text));
  return first.filter((number, place) => others.some((row) => row[place] !== number)).length;
}

/** The sentence between its numbers. */
function piecesOf(text: string): string[] {
  return text.split(CODE).flatMap((part) => (part.startsWith('`') ? [part] : part.split(NUMBER)));
}

function numbersOf(text: string): string[] {
  return text.split(CODE).flatMap((part) => (part.startsWith('`') ? [] : (part.match(NUMBER) ?? [])));
}

function withRange(texts: readonly string[]): string {
  const [first = ''] = texts;
  const numbers = texts.map(numbersOf);
  let place = 0;
  return first
    .split(CODE)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll(NUMBER, () => rangeOf(numbers, place++))))
    .join('');
}

/** The lowest and highest of the numbers at one place, as they were written. */
function rangeOf(numbers: readonly (readonly string[])[], place: number): string {
  const sorted = numbers.flatMap((row) => row[place] ?? []).toSorted((a, b) => valueOf(a) - valueOf(b));
  const [lowest = '', highest = lowest] = [sorted[0], sorted.at(-1)];
  return valueOf(lowest) === valueOf(highest) ? lowest : `${lowest}-${highest}`;
}

function valueOf(text: string): number {
  return Number(text.replaceAll(',', ''));
}
