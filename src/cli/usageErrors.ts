import yargs, { type Argv } from 'yargs';
import { hint } from '../config/hint.ts';
import { BeltbenchError } from '../shared/errors.ts';
import type { CommonOptions } from './command.ts';
import { knownOptions, type KnownOptions } from './singleValues.ts';

/** A command as far as its mistakes are concerned; `usage` as yargs takes it, "runs show <id>" in full. */
export interface Describable {
  readonly usage: string;
  readonly options: (argv: CommonOptions) => Argv | Promise<Argv>;
}

interface Context {
  /** "beltbench runs show", or "beltbench" where no command was named. */
  readonly called: string;
  readonly argv: readonly string[];
  /** The words that could stand next; none where the command is complete. */
  readonly commands: readonly string[];
  /** What the command takes without dashes, "<id>". */
  readonly names: readonly string[];
  /** With their dashes. */
  readonly options: readonly string[];
  /** Of the options that take one of several words. */
  readonly choices: KnownOptions['choices'];
}

/**
 * Words what yargs found wrong as every other mistake is worded: the rule, the value and the way out,
 * with the command's own help.
 *
 * @param finding yargs' message, in English
 * @param common the options of every command
 */
export async function usageError(
  finding: string,
  argv: readonly string[],
  commands: readonly Describable[],
  common: (argv: Argv) => CommonOptions,
): Promise<BeltbenchError> {
  const context = await contextOf(argv, commands, common);
  const worded = FINDINGS.map(([pattern, word]) => {
    const groups = pattern.exec(finding);
    return groups === null ? undefined : word(groups.slice(1), context);
  }).find((text) => text !== undefined);
  return new BeltbenchError('bad_usage', `${worded ?? finding}; see \`${context.called} --help\``);
}

type Word = (groups: readonly string[], context: Context) => string;

const FINDINGS: readonly (readonly [RegExp, Word])[] = [
  [/^Unknown arguments?: ([^,]*)/, ([name = ''], context) => unknown(name, context)],
  [
    /^Missing required arguments?: (.*)/,
    ([names = ''], { called }) =>
      `\`${called}\` needs ${enumerate(names.split(', ').map((name) => `--${name}`))}, received none`,
  ],
  [/^Not enough non-option/, (_, { called, names }) => `\`${called}\` needs ${enumerate(names)}, received none`],
  [/^Not enough arguments following: (.*)/, ([name = '']) => `--${name} takes a value, received none`],
  [
    /Argument: (\S+), Given: (.*), Choices: /,
    ([name = '', given = ''], { choices }) => {
      const value = given.replaceAll('"', '');
      const allowed = (choices[name] ?? []).map(String);
      return `--${name} takes one of ${allowed.join(', ')}; received \`${value}\`${near(value, allowed)}`;
    },
  ],
];

/** Only the nearest one: the rule has named them all. */
function near(value: string, allowed: readonly string[]): string {
  const text = hint(value, allowed);
  return text.startsWith(',') ? text : '';
}

function unknown(name: string, { called, argv, commands, options }: Context): string {
  const typed = argv.find((token) => token.startsWith('-') && token.replace(/^-+(no-)?/, '').split('=')[0] === name);
  if (typed !== undefined) {
    const [option = typed] = typed.split('=');
    return `\`${called}\` has no option ${option}${hint(option, options)}`;
  }
  return commands.length > 0
    ? `\`${called}\` has no command ${name}${hint(name, commands)}`
    : `\`${called}\` takes no more names, received \`${name}\`; leave it out`;
}

async function contextOf(
  argv: readonly string[],
  commands: readonly Describable[],
  common: (argv: Argv) => CommonOptions,
): Promise<Context> {
  const known = commands.map((command) => ({ command, words: wordsOf(command) }));
  const first = argv.find((token) => known.some(({ words }) => words[0] === token));
  const rest = first === undefined ? [] : argv.slice(argv.indexOf(first) + 1);
  const below = known.filter(({ words }) => words[0] === first);
  const found = below.find(({ words: [, second] }) => second === undefined || rest.includes(second));
  const path = found?.words ?? (first === undefined ? [] : [first]);
  const next = found === undefined ? (first === undefined ? known : below) : [];
  const blank = common(yargs([]));
  const built = found === undefined ? blank : await found.command.options(blank);
  const { key, choices } = knownOptions(built);
  const names = found?.command.usage.match(/[<[]\w+[>\]]/g) ?? [];
  return {
    called: ['beltbench', ...path].join(' '),
    argv,
    commands: [...new Set(next.flatMap(({ words }) => words[path.length] ?? []))],
    names,
    options: Object.keys(key).flatMap((name) => (names.some((own) => own.slice(1, -1) === name) ? [] : [`--${name}`])),
    choices,
  };
}

/** "runs show <id>" -> runs, show. */
function wordsOf({ usage }: Describable): string[] {
  return usage.split(' ').filter((word) => /^[a-z]/.test(word));
}

function enumerate(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
