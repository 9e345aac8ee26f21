import { groupBy } from '../../decide/tracked/grouping.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { countOf } from '../../shared/units.ts';
import type { AnyRecord } from '../../store/parseRecord.ts';
import { printable } from '../printable.ts';
import { groupOf, keyOf } from './runsEntries.ts';

/** At most this many keys are told when a prefix is not enough. */
const MOST_TOLD = 4;

/**
 * The record of this id, or else all records of the one key that the text begins, or that its records
 * share whose ids it begins. Several runs of one key are one candidate; of two keys they are never put
 * together, however many characters they share.
 *
 * @param records oldest first
 * @throws BeltbenchError `bad_usage` when there is none, or there are several keys
 */
export function findRuns(records: readonly AnyRecord[], text: string): AnyRecord[] {
  const exact = records.find((record) => record.record_id === text);
  if (exact !== undefined) {
    return [exact];
  }
  const found =
    text === '' ? [] : records.filter((record) => record.record_id.startsWith(text) || keyOf(record).startsWith(text));
  const groups = [...groupBy(found, groupOf).values()];
  if (groups.length === 0) {
    throw new BeltbenchError(
      'bad_usage',
      `an ID is a record's id or its key, or how one begins, received \`${printable(text)}\`, which begins none of ${countOf(records.length, 'record')}; \`beltbench runs list\` shows them`,
    );
  }
  if (groups.length > 1) {
    const told = groups.slice(0, MOST_TOLD).map((runs) => {
      const key = runs.map(keyOf)[0] ?? '';
      const newest = runs.at(-1)?.record_id ?? '';
      return runs.length === 1 ? `${key} (${newest})` : `${key} (${runs.length} runs, the newest ${newest})`;
    });
    const more = groups.length - told.length;
    throw new BeltbenchError(
      'bad_usage',
      `an ID must be of one key, received \`${printable(text)}\`, which begins ${countOf(groups.length, 'key')}: ${told.join(', ')}${more > 0 ? ` and ${more} more` : ''}; write more of it`,
    );
  }
  return found;
}
