import { valueAt } from './valueAt.ts';

/** What the line demands and does today: judged by, and wrong on another line where only a default says it. */
const FACTS_OF_THE_LINE = [
  'line.budget_ms',
  'line.required_share',
  'line.confidence',
  'thresholds.target_recall',
  'thresholds.confidence',
  'thresholds.production.maybe',
  'thresholds.production.target',
] as const;

/**
 * The keys among these that a study leaves to their defaults.
 *
 * @param content the study as it was written, before any default was filled in
 */
export function unstatedKeys(content: unknown): string[] {
  return FACTS_OF_THE_LINE.filter((key) => valueAt(content, key.split('.')) === undefined);
}
