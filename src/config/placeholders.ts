import { z } from 'zod';

/** What `init`'s texts show where a person's word belongs. */
export const PLACEHOLDERS = { name: 'NAME', date: 'YYYY-MM-DD', nameAndDate: 'NAME, DATE' } as const;

const SHOWN: ReadonlySet<unknown> = new Set(Object.values(PLACEHOLDERS));

/** A text that somebody has to fill in: a placeholder that was left as it is says as little as none. */
export function toFillIn<Text extends string | null>(filledIn: z.ZodType<Text>) {
  return z.preprocess((value) => (SHOWN.has(value) ? undefined : value), filledIn.optional()).optional();
}
