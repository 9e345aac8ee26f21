import * as assert from 'uvu/assert';
import { isInterrupted, RESTS_AT_MOST_MS } from '../../../src/cli/work/interrupted.ts';
import type { JournalContent } from '../../../src/store/journal.ts';
import { describe } from '../../describe.ts';
import { latencyRecord, launchOf, roundOf } from '../../store/records.ts';

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

function journal(begunHoursAgo: number, roundHoursAgo = begunHoursAgo): JournalContent {
  return {
    begunAt: hoursAgo(begunHoursAgo),
    launches: [{ ...launchOf(1), started_at: hoursAgo(begunHoursAgo) }],
    rounds: [{ ...roundOf(1), started_at: hoursAgo(roundHoursAgo) }],
  };
}

describe('an interrupted measurement', (it) => {
  it('goes on where nothing of its key is finished, or only what was finished before it', () => {
    assert.ok(isInterrupted(journal(2), []));
    assert.ok(isInterrupted({ begunAt: hoursAgo(1), launches: [], rounds: [] }, [latencyRecord('a', hoursAgo(3))]));
  });

  it('is over once a later measurement of its key has finished, not once one has failed', () => {
    const later = latencyRecord('a', hoursAgo(1));
    assert.not(isInterrupted(journal(2), [latencyRecord('b', hoursAgo(3)), later]));
    assert.ok(isInterrupted(journal(2), [{ ...later, status: 'failed' }]));
  });

  it('is over after a day without a round, not a day after it began', () => {
    const day = RESTS_AT_MOST_MS / 3_600_000;
    assert.not(isInterrupted(journal(day + 1), []));
    assert.ok(isInterrupted(journal(day + 1, 1), []));
  });

  it('is none where nothing was begun', () => {
    assert.not(isInterrupted({ begunAt: undefined, launches: [], rounds: [] }, []));
  });
});
