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

/** A number that stands by itself, not one inside a name or a size such as 128x128. */
const NUMBER = /(?<![\w.,-])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w-])|(?<![\w.,-])\d+(?:\.\d+)?(?![\w-])/g;
/** Names in backticks keep their numbers. */
const CODE = /(`[^`]*`)/;

/**
 * Every sentence once, with all candidates that share it, in the order of their first. Sentences of a
 * kind that differ in nothing but their numbers are one, with each number's range: "took 43-72 % of the
 * machine".
 */
export function groupTexts(told: readonly Told[]): SharedText[] {
  const groups = new Map<
    string,
    { readonly kind: string; readonly texts: string[]; readonly candidates: Set<string> }
  >();
  for (const { kind, text, candidate } of told) {
    // What is about the whole is not mixed with what is about candidates.
    const key = JSON.stringify([kind, candidate === null, piecesOf(text)]);
    const group = groups.get(key) ?? { kind, texts: [], candidates: new Set<string>() };
    group.texts.push(text);
    if (candidate !== null) {
      group.candidates.add(candidate);
    }
    groups.set(key, group);
  }
  return [...groups.values()].map(({ kind, texts, candidates }) => ({
    kind,
    text: withRanges(texts),
    candidates: [...candidates],
  }));
}

/** The sentence between its numbers. */
function piecesOf(text: string): string[] {
  return text.split(CODE).flatMap((part) => (part.startsWith('`') ? [part] : part.split(NUMBER)));
}

function numbersOf(text: string): string[] {
  return text.split(CODE).flatMap((part) => (part.startsWith('`') ? [] : (part.match(NUMBER) ?? [])));
}

function withRanges(texts: readonly string[]): string {
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
