import type { MeasuredTrial } from './choose.ts';
import type { Move } from './moves.ts';

/** What each change of the first recipe did alone. */
export interface Gains {
  readonly base: MeasuredTrial;
  readonly alone: ReadonlyMap<Move, MeasuredTrial>;
}

/** The moves that made the file faster beyond noise, the greatest gain first. */
export function fasterMoves({ base, alone }: Gains): Move[] {
  return [...alone]
    .filter(([, { latency }]) => latency.ratioInterval[1] < base.latency.ratioInterval[0])
    .toSorted(([, a], [, b]) => a.latency.ratio - b.latency.ratio)
    .map(([move]) => move);
}

/** The moves that lost less accuracy, the greatest gain first; of equal ones the faster. */
export function truerMoves({ base, alone }: Gains): Move[] {
  return [...alone]
    .filter(([, { accuracy }]) => accuracy.drop < base.accuracy.drop)
    .toSorted(([, a], [, b]) => a.accuracy.drop - b.accuracy.drop || a.latency.ratio - b.latency.ratio)
    .map(([move]) => move);
}
