import type { z } from 'zod';
import { hint, nearest } from './hint.ts';
import { allKeys, keysAt } from './schemaKeys.ts';
import { printable, shown } from './shown.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** More unknown keys than this in one place are another kind of file. */
const MOST_KEYS = 3;

/** Keys whose value may hold a password or a key of the user's, and most likely does where it is refused. */
const NOT_SHOWN: ReadonlySet<PropertyKey | undefined> = new Set(['tracking_uri']);

/** What the schema calls a type, in words that a reader of YAML knows. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'keys with values',
  record: 'keys with values',
};

/** One problem of a value in words: the place, the rule, what was received and, where it can be told, the way out. */
export function issueText(schema: z.ZodType, issue: Issue, above: Path = []): string {
  const path = [...above, ...issue.path];
  const place = path.length === 0 ? 'the top level' : `\`${printable(path.join('.'), 200)}\``;
  if (NOT_SHOWN.has(path.at(-1)) && issue.input !== null) {
    return `${place}: ${ruleOf(issue)}; its value is not shown, as it may hold a password`;
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(schema, path, place, issue.keys);
    case 'invalid_type':
      return wrongType(place, issue);
    case 'too_small':
    case 'too_big':
      return `${place} ${boundOf(issue)}, received ${shown(issue.input)}${asShare(issue)}`;
    case 'invalid_value': {
      const known = issue.values.map(String);
      const near = typeof issue.input === 'string' ? nearest(issue.input, known) : undefined;
      const offer = near === undefined ? '' : `, did you mean \`${near}\`?`;
      return `${place}: expected ${known.join(' or ')}, received ${shown(issue.input)}${offer}`;
    }
    case 'invalid_union': {
      const inner = branchOfTheRightKind(issue);
      return inner === undefined
        ? `${place}${issue.input === undefined ? ' is missing' : ''}: ${issue.message}${received(issue.input)}`
        : issueText(schema, inner, path);
    }
    case 'invalid_key': {
      const parent = `\`${printable(path.slice(0, -1).join('.'), 200)}\``;
      return `${parent} cannot have the key ${shown(issue.input)}: ${issue.issues[0]?.message ?? issue.message}`;
    }
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_element':
    case 'custom':
      return `${place}: ${issue.message}${received(issue.input)}`;
  }
}

function unknownKeys(schema: z.ZodType, path: Path, place: string, keys: readonly string[]): string {
  const told = keys.slice(0, MOST_KEYS).map((key) => {
    return `unknown key \`${printable(key)}\` at ${place}${wayOut(schema, path, key)}`;
  });
  const more = keys.length - told.length;
  return told.join('; ') + (more > 0 ? `; and ${more} more unknown keys there` : '');
}

/** A near key first; else, as after a wrong indentation, where the key belongs. */
function wayOut(schema: z.ZodType, path: Path, key: string): string {
  const known = keysAt(schema, path);
  if (nearest(key, known) === undefined) {
    const elsewhere = allKeys(schema).filter((other) => other.key === key);
    if (elsewhere.length > 0) {
      const places = elsewhere.map(({ path: way }) => {
        return way.length === 0 ? 'the top level' : `\`${way.filter((step) => step !== '*').join('.')}\``;
      });
      return `; it belongs in ${[...new Set(places)].join(' or ')}`;
    }
  }
  return hint(key, known);
}

function ruleOf(issue: Issue): string {
  return issue.code === 'invalid_type' ? `expected ${TYPES[issue.expected] ?? issue.expected}` : issue.message;
}

function wrongType(place: string, { expected, input }: Extract<Issue, { code: 'invalid_type' }>): string {
  const wanted = TYPES[expected] ?? expected;
  if (input === undefined) {
    return `${place} is missing: expected ${wanted}`;
  }
  if (input === null) {
    return `${place} is empty: expected ${wanted}; fill it in or remove the key`;
  }
  const isScalar = typeof input === 'number' || typeof input === 'boolean';
  const way = expected === 'string' && isScalar ? '; put it in quotes' : '';
  return `${place}: expected ${wanted}, received ${shown(input)}${way}`;
}

function boundOf(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const isLeast = issue.code === 'too_small';
  const bound = isLeast ? issue.minimum : issue.maximum;
  const amount = isLeast ? 'at least' : 'at most';
  if (issue.origin === 'string') {
    return isLeast && bound === 1 ? 'must not be empty' : `must have ${amount} ${bound} characters`;
  }
  if (issue.origin === 'array') {
    return `must have ${issue.exact === true ? 'exactly' : amount} ${bound} ${bound === 1 ? 'entry' : 'entries'}`;
  }
  if (issue.inclusive === true) {
    return `must be ${amount} ${bound}`;
  }
  return `must be ${isLeast ? 'above' : 'below'} ${bound}`;
}

/** Whoever writes 95 for a share means percent. */
function asShare(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const isShare = issue.code === 'too_big' && issue.maximum === 1 && typeof issue.input === 'number';
  return isShare && issue.input > 1 && issue.input <= 100
    ? `; a share is written as ${Number((issue.input / 100).toPrecision(12))}, not in percent`
    : '';
}

/** Of a union's branches, the one whose kind of value was received, with what is wrong inside. */
function branchOfTheRightKind(issue: Extract<Issue, { code: 'invalid_union' }>): Issue | undefined {
  for (const branch of issue.errors) {
    const [first] = branch;
    const isNested = first?.code === 'invalid_union' && first.path.length === 0;
    const inner = isNested ? branchOfTheRightKind(first) : first;
    const isOtherKind =
      inner === undefined ||
      (inner.path.length === 0 && (inner.code === 'invalid_type' || inner.code === 'invalid_value'));
    if (!isOtherKind) {
      return inner;
    }
  }
  return undefined;
}

function received(input: unknown): string {
  return input === undefined ? '' : `, received ${shown(input)}`;
}
