import type { LatencyRecord } from '../../records/latency.ts';
import { LatencyJournal, type JournalContent } from '../../store/journal.ts';
import type { PreparedCandidate } from './prepare.ts';
import type { Session } from './session.ts';

/** No measurement rests for a day and is still under way. */
export const RESTS_AT_MOST_MS = 24 * 60 * 60 * 1000;

/** Where the rounds of a measurement are kept until it is done. */
export function journalOf({ store }: Session, { candidate }: PreparedCandidate, benchmarkKey: string): LatencyJournal {
  return new LatencyJournal(store.dir, candidate.id, benchmarkKey);
}

/**
 * Whether a measurement that was begun is to go on: it was begun after the newest finished record of its
 * key, because `--force-new` asked for another one, and not so long ago that its rounds would be of
 * another machine than those to come.
 *
 * @param records any records of its key
 */
export function isInterrupted(
  { begunAt, launches, rounds }: JournalContent,
  records: readonly LatencyRecord[],
): boolean {
  if (begunAt === undefined) {
    return false;
  }
  const begun = Date.parse(begunAt);
  const touched = Math.max(begun, ...[...launches, ...rounds].map(({ started_at: at }) => Date.parse(at)));
  const isMadeUpFor = records.some(
    ({ status, finished_at: finished }) => status === 'finished' && Date.parse(finished) > begun,
  );
  return !isMadeUpFor && Date.now() - touched <= RESTS_AT_MOST_MS;
}
