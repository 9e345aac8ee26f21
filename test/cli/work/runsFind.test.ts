import * as assert from 'uvu/assert';
import { findRuns } from '../../../src/cli/work/runsFind.ts';
import type { AnyRecord } from '../../../src/store/parseRecord.ts';
import { describe } from '../../describe.ts';
import { evaluationRecord, KEY, latencyRecord } from '../../store/records.ts';
import { rejects } from '../../throws.ts';

/** Shares its first 12 characters, which names of folders and people's listings show, with KEY. */
const NEAR = `${KEY.slice(0, 12)}${'0'.repeat(52)}`;

const RECORDS: readonly AnyRecord[] = [
  latencyRecord('latency-a-1', '2026-03-01T08:00:00.000Z'),
  latencyRecord('latency-a-10', '2026-03-02T08:00:00.000Z'),
  { ...latencyRecord('latency-b-1', '2026-03-03T08:00:00.000Z'), benchmark_key: NEAR },
  { ...evaluationRecord('evaluation-a-1'), predictions_key: 'ef'.repeat(32) },
];

function ids(text: string): string[] {
  return findRuns(RECORDS, text).map(({ record_id: id }) => id);
}

describe('the run that a text names', (it) => {
  it('is the record of that id, also where it begins another', () => {
    assert.equal(ids('latency-a-1'), ['latency-a-1']);
  });

  it('is the one record whose id it begins', () => {
    assert.equal(ids('eval'), ['evaluation-a-1']);
  });

  it('is every run of the one key that it begins', () => {
    assert.equal(ids(KEY), ['latency-a-1', 'latency-a-10']);
    assert.equal(ids(KEY.slice(0, 13)), ['latency-a-1', 'latency-a-10']);
    assert.equal(ids('efef'), ['evaluation-a-1']);
    assert.equal(ids('latency-a'), ['latency-a-1', 'latency-a-10'], 'both are of one key');
  });

  it('is never of two keys that share a beginning: they are named in full', async () => {
    for (const text of [KEY.slice(0, 12), 'latency']) {
      await rejects(
        () => ids(text),
        new RegExp(
          `begins 2 keys: ${KEY} \\(2 runs, the newest latency-a-10\\), ${NEAR} \\(latency-b-1\\); write more`,
        ),
      );
    }
  });

  it('is never of two studies whose records have no key', async () => {
    const legacy = { benchmark_key: `legacy_${KEY}` };
    const [one, other] = [latencyRecord('o-1'), { ...latencyRecord('o-2'), study_key_hash: KEY }];
    const records = [
      { ...one, ...legacy },
      { ...other, ...legacy },
    ];
    await rejects(
      () => findRuns(records, 'legacy'),
      /begins 2 keys: legacy_\w+ \(o-1\), legacy_\w+ \(o-2\); write more/,
    );
  });

  it('is none for what begins nothing', async () => {
    for (const text of ['', 'x', 'latency-a-100', 'a'.repeat(64), 'latency-c\n']) {
      await rejects(() => ids(text), /begins none of 4 records; `beltbench runs list` shows them/);
    }
  });
});
