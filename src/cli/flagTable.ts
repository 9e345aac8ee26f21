import type { UnusedOption } from './command.ts';
import type { NumberRule } from './numbers.ts';

/** One flag of a command that a line's controller calls, as data: read with or without yargs. */
export interface Flag {
  readonly name: string;
  readonly describe: string;
  /** `list` takes one or more values, `switch` none. */
  readonly kind: 'text' | 'list' | 'switch' | 'number';
  /** Of a number. */
  readonly rule?: NumberRule;
  readonly required?: boolean;
}

/** A command that a line's controller calls. */
export interface ControllerCommand<Flags extends readonly Flag[] = readonly Flag[]> {
  readonly usage: string;
  readonly describe: string;
  readonly example: readonly [string, string];
  readonly unused?: readonly UnusedOption[];
  readonly flags: Flags;
}

interface ValueOfKind {
  readonly text: string;
  readonly list: readonly string[];
  readonly switch: boolean;
  readonly number: number;
}

/** What flags are read into: `--memory-mb` is `memoryMb`, a number. */
export type FlagArgs<Flags extends readonly Flag[]> = {
  readonly [Each in Flags[number] as CamelCase<Each['name']>]: Each extends { readonly required: true }
    ? ValueOfKind[Each['kind']]
    : ValueOfKind[Each['kind']] | undefined;
};

type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The flags' own values out of all that was read.
 *
 * @param read as a parser read it that knows the flags: of the right kind, and complete
 */
export function argsOf<Flags extends readonly Flag[]>(
  flags: Flags,
  read: Readonly<Record<string, unknown>>,
): FlagArgs<Flags> {
  const names = flags.map(({ name }) => camelCase(name));
  // The type says of the table what the table says to the parsers.
  return Object.fromEntries(names.map((name) => [name, read[name]])) as FlagArgs<Flags>;
}
