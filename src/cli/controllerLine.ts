import { parseArgs } from 'node:util';
import { hint } from '../config/hint.ts';
import { printable } from '../config/shown.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { printOutcome, tellError, tellUnused } from './answer.ts';
import { CONTROLLERS } from './controllerCommands.ts';
import { argsOf, camelCase, type Flag } from './flagTable.ts';
import { USUAL_STUDY, type CommonArgs, type Io } from './io.ts';
import { numberOf } from './numbers.ts';

// What a line's controller calls between two items must start quickly, and yargs alone takes as long
// as Node itself. So these commands are described as data: yargs shows their help, Node's own parser
// reads their flags.

type Values = Record<string, string | number | boolean | readonly string[] | undefined>;

const COMMON = [
  { name: 'study', kind: 'text', describe: 'the study file' },
  { name: 'only', kind: 'list', describe: 'ids of the candidates to work on' },
  { name: 'json', kind: 'switch', describe: 'print one JSON document and nothing else' },
  { name: 'quiet', kind: 'switch', describe: 'no progress, no notes' },
] as const satisfies readonly Flag[];

/** Whether a command line is for a controller's command, and no call for help. */
export function isForController([command, ...rest]: readonly string[]): boolean {
  return (
    CONTROLLERS.some(({ usage }) => usage === command) &&
    !rest.includes('--help') &&
    !rest.includes('-h') &&
    !rest.includes('--version')
  );
}

/** As `runCli`, for a controller's commands. */
export async function runController([name, ...argv]: readonly string[], io: Io): Promise<number> {
  const command = CONTROLLERS.find(({ usage }) => usage === name);
  if (command === undefined) {
    throw new Error(`${name} is no controller's command`);
  }
  try {
    const read = readFlags(command.usage, [...command.flags, ...COMMON], argv);
    const common = commonOf(read);
    if (!common.quiet) {
      tellUnused(command.unused ?? [], argv, io);
    }
    const run = await command.load();
    const outcome = await run(common, read);
    printOutcome(outcome, common.json, io);
    return outcome.exitCode;
  } catch (thrown) {
    return tellError(thrown, io);
  }
}

function commonOf(read: Values): CommonArgs {
  const { study = USUAL_STUDY, only = [], json = false, quiet = false } = argsOf(COMMON, read);
  return { study, only, json, quiet };
}

/** Reads the flags by their table: `--name value`, `--name=value`, lists with one or more values. */
function readFlags(command: string, flags: readonly Flag[], argv: readonly string[]): Values {
  const values: Values = {};
  let list: string | undefined;
  for (const token of tokensOf(flags, argv)) {
    if (token.kind === 'positional' && list !== undefined) {
      append(values, list, token.value);
      continue;
    }
    list = undefined;
    if (token.kind === 'option-terminator') {
      continue;
    }
    if (token.kind === 'positional') {
      throw badUsage(command, `${command} takes flags only, received ${printable(token.value)}`);
    }
    const flag = flagOf(command, flags, token.name);
    if (flag.kind === 'switch') {
      values[camelCase(flag.name)] = switchOf(command, token);
    } else if (token.value === undefined) {
      throw badUsage(command, `--${flag.name} needs a value`);
    } else if (flag.kind === 'list') {
      list = camelCase(flag.name);
      append(values, list, token.value);
    } else {
      setOnce(command, values, flag, token.value);
    }
  }
  const missing = flags.filter(({ name, required }) => required === true && values[camelCase(name)] === undefined);
  if (missing.length > 0) {
    throw badUsage(command, `${command} needs ${missing.map(({ name }) => `--${name}`).join(' and ')}`);
  }
  return values;
}

type Token = ReturnType<typeof tokensOf>[number];

function tokensOf(flags: readonly Flag[], argv: readonly string[]) {
  const options = Object.fromEntries(
    flags.map(({ name, kind }) => [name, { type: kind === 'switch' ? ('boolean' as const) : ('string' as const) }]),
  );
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function flagOf(command: string, flags: readonly Flag[], name: string): Flag {
  const flag = flags.find((known) => known.name === name);
  if (flag === undefined) {
    const names = flags.map((known) => `--${known.name}`);
    throw badUsage(command, `unknown option --${printable(name)}${hint(`--${name}`, names)}`);
  }
  return flag;
}

function switchOf(command: string, token: Extract<Token, { kind: 'option' }>): boolean {
  if (token.value !== undefined && token.value !== 'true' && token.value !== 'false') {
    throw badUsage(command, `--${token.name} takes no value, received ${printable(token.value)}`);
  }
  return token.value !== 'false';
}

function setOnce(command: string, values: Values, { name, rule }: Flag, text: string): void {
  const key = camelCase(name);
  if (values[key] !== undefined) {
    throw badUsage(command, `--${name} stands twice; give it once`);
  }
  values[key] = rule === undefined ? text : numberOf(`--${name}`, rule)(text);
}

function append(values: Values, key: string, value: string): void {
  const before = values[key];
  values[key] = [...(Array.isArray(before) ? before : []), value];
}

function badUsage(command: string, finding: string): BeltbenchError {
  return new BeltbenchError('bad_usage', `${finding}; see \`beltbench ${command} --help\``);
}
