import { BeltbenchError } from '../shared/errors.ts';
import type { Io, Outcome } from './io.ts';
import { printable } from './printable.ts';

/** Prints what a command gives back: one JSON document, or text for people. */
export function printOutcome({ document, text }: Outcome, json: boolean, io: Io): void {
  io.stdout(json ? `${JSON.stringify(document, null, 2)}\n` : text);
}

/**
 * Prints a known error as one line; an unknown one is thrown on.
 *
 * @returns the exit code
 */
export function tellError(thrown: unknown, io: Io): number {
  if (!(thrown instanceof BeltbenchError)) {
    throw thrown;
  }
  io.stderr(`beltbench: ${printable(thrown.message)}\n`);
  return thrown.code === 'interrupted' ? 130 : 2;
}
