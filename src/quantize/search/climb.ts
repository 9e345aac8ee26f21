import { feasibleTrials, isMeasured, type MeasuredTrial } from './choose.ts';
import { fasterMoves, truerMoves, type Gains } from './gains.ts';
import { applyMove, type Move } from './moves.ts';
import type { Trials } from './trials.ts';

/**
 * From the fastest trial that holds the limit, adds the moves that gained speed alone, one after the
 * other, and keeps what is faster and still holds it. A combination that loses too much gets one more
 * chance with the move that regained most.
 */
export async function climb(trials: Trials, gains: Gains): Promise<void> {
  let best = feasibleTrials(trials.judged).toSorted((a, b) => a.latency.ratio - b.latency.ratio)[0];
  const [remedy] = truerMoves(gains);
  let improved = best !== undefined;
  while (improved && best !== undefined) {
    improved = false;
    for (const move of fasterMoves(gains)) {
      const next: MeasuredTrial | undefined = await step(trials, best, move, remedy);
      if (next !== undefined) {
        best = next;
        improved = true;
      }
    }
  }
}

/** The trial that improves on `best` by the move, if any does. */
async function step(
  trials: Trials,
  best: MeasuredTrial,
  move: Move,
  remedy: Move | undefined,
): Promise<MeasuredTrial | undefined> {
  const recipe = applyMove(best.record.recipe, move);
  const plain = await trials.of(recipe);
  if (plain === undefined || !isMeasured(plain) || plain.latency.ratio >= best.latency.ratio) {
    return undefined;
  }
  if (plain.isFeasible) {
    return plain;
  }
  const remedied = remedy === undefined ? undefined : await trials.of(applyMove(recipe, remedy));
  const helps =
    remedied !== undefined &&
    isMeasured(remedied) &&
    remedied.isFeasible &&
    remedied.latency.ratio < best.latency.ratio;
  return helps ? remedied : undefined;
}
