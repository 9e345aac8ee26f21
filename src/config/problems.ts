import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';

/**
 * Validates `value` and returns either the parsed value or one line that names the place, the rule
 * and the value, and for an unknown key the nearest known one.
 */
export function check<T extends z.ZodType>(
  schema: T,
  value: unknown,
): { ok: true; value: z.infer<T> } | { ok: false; problem: string } {
  const parsed = schema.safeParse(value, { reportInput: true });
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, problem: describeIssues(schema, parsed.error.issues) };
}

/** At most three problems are told, so that the message stays one readable line. */
function describeIssues(schema: z.ZodType, issues: readonly z.core.$ZodIssue[]): string {
  const told = issues.slice(0, 3).map((issue) => describeIssue(schema, issue));
  const more = issues.length - told.length;
  return told.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function describeIssue(schema: z.ZodType, issue: z.core.$ZodIssue): string {
  const place = issue.path.length === 0 ? 'the top level' : `\`${issue.path.join('.')}\``;
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => `unknown key \`${key}\` at ${place}${hint(key, known)}`).join('; ');
  }
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.flat().map((branch) => branch.message.replace(/^Invalid input: /, ''));
    return `${place}: ${[...new Set(branches)].join(', or ')}${received(issue.input)}`;
  }
  return `${place}: ${issue.message.replace(/^Invalid input: /, '')}${received(issue.input)}`;
}

/** ", did you mean `x`?" for the nearest key, or the keys that are allowed when none is near. */
export function hint(key: string, known: readonly string[]): string {
  if (known.length === 0) {
    return '; remove it';
  }
  const nearest = closest(key.toLowerCase(), [...known]);
  return distance(key.toLowerCase(), nearest) <= Math.max(2, Math.ceil(key.length / 3))
    ? `, did you mean \`${nearest}\`?`
    : `; allowed here: ${known.join(', ')}`;
}

function received(input: unknown): string {
  if (input === undefined) {
    return ', but it is missing';
  }
  const text = JSON.stringify(input) ?? typeof input;
  return `, received ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
}

/** The keys that the schema allows at a path; empty where the path leads through a free-form record. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here: unknown = schema;
  for (const step of path) {
    here = unwrap(here);
    if (here instanceof z.ZodObject) {
      here = (here.shape as Record<string, unknown>)[String(step)];
    } else if (here instanceof z.ZodArray) {
      here = here.element;
    } else if (here instanceof z.ZodRecord) {
      here = here.valueType;
    } else {
      return [];
    }
  }
  const found = unwrap(here);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodNullable
  ) {
    inner = inner.unwrap();
  }
  return inner;
}
