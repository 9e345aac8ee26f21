import { writeFile } from 'node:fs/promises';
import type { Observation } from '../../src/records/observation.ts';
import type { ObservationLog, ReadObservations } from '../../src/store/observations.ts';

const AT = '2026-03-01T08:00:00.000Z';

export const ABOUT = { at: AT, deployment: 'fast', mode: 'standard', revision: 'r1' };

/** One unit of work in 10 ms, or what a test says instead. */
export function run(work = 1, changes: object = {}): Observation {
  return { kind: 'performance', ...ABOUT, work, seconds: 0.01, success: true, ...changes };
}

/** Observations per deployment. */
export function totals({ tracked }: ReadObservations): Record<string, number> {
  return Object.fromEntries(tracked.map(({ deployment, total }) => [deployment, total]));
}

/** A log with so many observations, written at once. */
export async function fill(log: ObservationLog, count: number): Promise<void> {
  await writeFile(log.path, `\n${JSON.stringify(run())}\n`.repeat(count));
}
