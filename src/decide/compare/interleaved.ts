import type { Launch, Round } from '../../records/latency.ts';
import { compareText } from '../order.ts';
import type { MeasuredRun } from './inputs.ts';

/** The same round of two models, taken one right after the other. */
export interface RoundPair {
  readonly reference: Round;
  readonly variant: Round;
}

/** What was taken of one model so far: of a finished run, or of one that was interrupted. */
export interface RoundsTaken {
  readonly launches: readonly Launch[];
  readonly rounds: readonly Round[];
}

interface Turn {
  readonly of: 'reference' | 'variant';
  readonly round: Round;
}

/**
 * The rounds at batch 1 that two models took in turns, whatever else took turns with them. Rounds of
 * sessions of their own are none: drift of the machine would pass for a difference between the
 * models (methods.md A7: in 100 % of sessions of equal ones).
 *
 * Two turns belong together when they have the same round number, no other turn of the two models and
 * no launch of theirs began in between, and they do not overlap in time.
 */
export function interleavedRounds(reference: RoundsTaken, variant: RoundsTaken): RoundPair[] {
  const turns: Turn[] = [...turnsOf(reference, 'reference'), ...turnsOf(variant, 'variant')].toSorted((a, b) =>
    compareText(a.round.started_at, b.round.started_at),
  );
  const launches = [...reference.launches, ...variant.launches].map((launch) => launch.started_at);
  const pairs: RoundPair[] = [];
  for (let index = 1; index < turns.length; index += 1) {
    const [first, second] = [turns[index - 1], turns[index]];
    if (first !== undefined && second !== undefined && areOnePair(first, second, launches)) {
      pairs.push(
        first.of === 'reference'
          ? { reference: first.round, variant: second.round }
          : { reference: second.round, variant: first.round },
      );
      // A turn stands in one pair only.
      index += 1;
    }
  }
  return pairs;
}

function turnsOf({ rounds }: RoundsTaken, of: Turn['of']): Turn[] {
  return rounds.filter((round) => round.batch_size === 1).map((round) => ({ of, round }));
}

function areOnePair(first: Turn, second: Turn, launches: readonly string[]): boolean {
  const [from, until] = [first.round.started_at, second.round.started_at];
  return (
    first.of !== second.of &&
    first.round.round === second.round.round &&
    !launches.some((launch) => launch > from && launch <= until) &&
    Date.parse(until) - Date.parse(from) >= Math.floor(durationMs(first.round))
  );
}

/** From the first to the end of the last sample: less than the whole turn. */
function durationMs({ start_offsets_ms: starts, samples_ms: samples }: Round): number {
  return (starts.at(-1) ?? 0) + (samples.at(-1) ?? 0);
}

/** One run per model of a group, by candidate id; a model that has none stands in no map. */
export type RunsTogether = ReadonlyMap<string, MeasuredRun>;

/**
 * The newest runs of a group that were taken in turns with one run of the reference.
 *
 * @param runs every finished run of each model of the group under its present key, newest first
 * @param enough how many rounds two models must share
 * @returns the session that holds the most models; `undefined` when the reference has no run
 */
export function chooseSession(
  runs: ReadonlyMap<string, readonly MeasuredRun[]>,
  referenceId: string,
  enough: number,
): RunsTogether | undefined {
  let best: RunsTogether | undefined;
  for (const reference of runs.get(referenceId) ?? []) {
    const session = new Map([[referenceId, reference]]);
    for (const [id, own] of runs) {
      const together = own.find(({ samples }) => interleavedRounds(reference.samples, samples).length >= enough);
      if (id !== referenceId && together !== undefined) {
        session.set(id, together);
      }
    }
    if (best === undefined || session.size > best.size) {
      best = session;
    }
  }
  return best;
}
