import { BeltbenchError } from '../shared/errors.ts';

const LONGEST_QUOTE = 80;

/** An error that names the model file, what is wrong with it and the way out. */
export function badModel(path: string, fault: string, options?: ErrorOptions): BeltbenchError {
  return new BeltbenchError('bad_model', `${path}: ${fault}`, options);
}

/**
 * Text out of a model file made fit to print: control characters, which could drive a terminal,
 * become U+FFFD, and what exceeds `longest` characters is cut.
 */
export function printable(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return cut.replaceAll(/\p{Cc}|[\u2028\u2029]|\p{Bidi_Control}/gu, '\uFFFD');
}

/** A name out of a model file, in quotes, for a message. */
export function quoted(name: string): string {
  return `"${printable(name, LONGEST_QUOTE)}"`;
}
