import type { z } from 'zod';
import { issueText } from './issueText.ts';

export { hint } from './hint.ts';

/** At most this many problems are told, so that the message stays one readable line. */
const MOST_TOLD = 3;

/**
 * Validates `value` and returns either the parsed value or one line that names the place, the rule
 * and the value, and for an unknown key the nearest known one.
 */
export function check<T extends z.ZodType>(
  schema: T,
  value: unknown,
): { ok: true; value: z.infer<T> } | { ok: false; problem: string } {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) {
    return { ok: true, value: parsed.data };
  }
  const { issues } = parsed.error;
  const told = issues.slice(0, MOST_TOLD).map((issue) => issueText(schema, issue));
  const more = issues.length - told.length;
  return { ok: false, problem: told.join('; ') + (more > 0 ? `; and ${more} more` : '') };
}
