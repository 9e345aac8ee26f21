import type { Argv } from 'yargs';
import { BeltbenchError } from '../shared/errors.ts';

/** Which options there are, as yargs keeps it; every option's name stands in `key`. */
export interface KnownOptions {
  readonly key: Readonly<Record<string, unknown>>;
  /** Those that take several values. */
  readonly array: readonly string[];
  readonly boolean: readonly string[];
  readonly choices: Readonly<Record<string, readonly unknown[] | undefined>>;
}

/** What was added to a parser so far. */
export function knownOptions(parser: Argv): KnownOptions {
  // yargs' types leave out what it keeps of the options.
  return (parser as Argv & { readonly getOptions: () => KnownOptions }).getOptions();
}

/**
 * Makes yargs refuse an option of one value that stands twice, has `--no-` before it or a part behind
 * it: it would hand on an array, false or an object, which no command expects.
 *
 * @throws (when it parses) BeltbenchError `bad_usage` for the first such option
 */
export function withSingleValues(parser: Argv): Argv {
  // Before validation, and before what reads an option's value.
  return parser
    .parserConfiguration({ 'dot-notation': false })
    .middleware((typed) => assertSingleValues(typed, knownOptions(parser)), true);
}

function assertSingleValues(typed: Readonly<Record<string, unknown>>, options: KnownOptions): void {
  for (const name of Object.keys(options.key)) {
    const value = typed[name];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (values.includes(false) && !options.boolean.includes(name)) {
      throw badUsage(`--${name} takes a value, so there is no --no-${name}; leave it out`);
    }
    if (Array.isArray(value) && !options.array.includes(name)) {
      throw badUsage(`--${name} stands twice and takes one value, received ${values.join(' and ')}; give it once`);
    }
  }
}

function badUsage(message: string): BeltbenchError {
  return new BeltbenchError('bad_usage', message);
}
