import type { Deployment } from '../../records/plan.ts';

/** Free-form fields of a plan, carried through. */
export type JsonObject = Deployment['model'];

/** The value of a key that stands in a record itself: names such as `constructor` come from outside. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
