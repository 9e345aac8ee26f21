import { BeltbenchError } from '../shared/errors.ts';
import type { UnusedOption } from './command.ts';
import type { Io, Outcome } from './io.ts';
import { printable, printableLines } from './printable.ts';

/** Prints what a command gives back: one JSON document, or text for people, of which files may be the source. */
export function printOutcome({ document, text }: Outcome, json: boolean, io: Io): void {
  io.stdout(json ? `${JSON.stringify(document, null, 2)}\n` : printableLines(text));
}

/** Says which of the common options were typed in vain. */
export function tellUnused(unused: readonly UnusedOption[], argv: readonly string[], io: Io): void {
  for (const option of unused.map((name) => `--${name}`)) {
    if (argv.some((token) => token === option || token.startsWith(`${option}=`))) {
      io.stderr(`note: ${option} is not used by this command\n`);
    }
  }
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
