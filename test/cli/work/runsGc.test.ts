import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { recordId, trialRecordName } from '../../../src/cli/work/recordNames.ts';
import { planGc, type GcFolder } from '../../../src/cli/work/runsGc.ts';
import type { SweepRecord } from '../../../src/records/sweep.ts';
import { LatencyJournal } from '../../../src/store/journal.ts';
import { listUnfinished } from '../../../src/store/unfinished.ts';
import { describe } from '../../describe.ts';
import { evaluationRecord, inTempDir, KEY, latencyRecord, launchOf, roundOf } from '../../store/records.ts';

const OTHER_KEY = 'cd'.repeat(32);
const HERE = latencyRecord('x').model.sha256;

type Input = Parameters<typeof planGc>[0];

/** Longer than any candidate of a study may be called. */
const LONG_NAME = trialRecordName('b'.repeat(45), 't'.repeat(45));

async function plan(changes: Partial<Input>): Promise<GcFolder[]> {
  return await planGc({
    runsDir: '/nowhere',
    records: [],
    unreadable: [],
    unfinished: [],
    leftovers: [],
    references: { reportsOf: new Map(), problems: [] },
    keep: undefined,
    unused: false,
    candidates: new Set(['resnet18']),
    named: new Set(),
    models: new Set(),
    ...changes,
  });
}

/** What goes, as `NAME: WHAT`. */
function going(folders: readonly GcFolder[]): string[] {
  return folders.filter(({ goes }) => goes).map(({ name, what }) => `${name}: ${what}`);
}

function at(day: number): string {
  return `2026-03-0${day}T08:00:00.000Z`;
}

function sweepOf(id: string, evaluationId: string, key: string): SweepRecord {
  const sweep = { candidate_id: 'resnet18', evaluation_record_id: evaluationId } as SweepRecord['sweep'];
  return {
    schema: 'beltbench/sweep',
    version: 1,
    record_id: id,
    sweep_key: key,
    started_at: at(5),
    story: 'STORY-1',
    notice: null,
    target_class: 'pit',
    thresholds: { target_recall: 0.99, confidence: 0.95, max_false_reject_rate: 0.1 },
    sweep,
    warnings: [],
  };
}

describe('what runs gc may remove', (it) => {
  const three = [1, 2, 3].map((day) => latencyRecord(`r-${day}`, at(day)));

  it('is nothing of sound records, unless it is asked for', async () => {
    assert.equal(await plan({ records: three }), []);
  });

  it('is with --keep what came before the newest runs of a key, of this key alone', async () => {
    const others = [1, 2].map((day) => ({ ...latencyRecord(`o-${day}`, at(day)), benchmark_key: OTHER_KEY }));
    const records = [...three, ...others];
    assert.equal(going(await plan({ records, keep: 2 })), ['r-1: superseded']);
    assert.equal(going(await plan({ records, keep: 1 })), ['r-1: superseded', 'r-2: superseded', 'o-1: superseded']);
  });

  it('counts two keys as two, whatever characters they share', async () => {
    const near = { ...latencyRecord('near', at(4)), benchmark_key: `${KEY.slice(0, 60)}0000` };
    assert.equal(going(await plan({ records: [latencyRecord('r-1', at(1)), near], keep: 1 })), []);
  });

  it('counts older records without a key by study and trial', async () => {
    const legacy = { benchmark_key: `legacy_${HERE}` };
    const other = { ...latencyRecord('other', at(2)), ...legacy, study_key_hash: KEY };
    const records = [{ ...latencyRecord('r-1', at(1)), ...legacy }, other];
    assert.equal(going(await plan({ records, keep: 1 })), []);
    const again = { ...latencyRecord('r-3', at(3)), ...legacy };
    assert.equal(going(await plan({ records: [...records, again], keep: 1 })), ['r-1: superseded']);
  });

  it('is with --keep a failed run that a later one made up for, but not the last word', async () => {
    const failed = (id: string, day: number) => ({ ...latencyRecord(id, at(day)), status: 'failed' as const });
    const records = [failed('f-1', 1), latencyRecord('r-2', at(2)), failed('f-3', 3)];
    assert.equal(going(await plan({ records, keep: 1 })), ['f-1: superseded']);
    assert.equal(going(await plan({ records: [failed('f-1', 1), failed('f-2', 2)], keep: 1 })), []);
  });

  it('is never what a report names, not even when it is damaged', async () => {
    await inTempDir(async (dir) => {
      await mkdir(join(dir, 'bad'));
      const references = {
        reportsOf: new Map([
          ['r-1', ['S/decision.json']],
          ['bad', ['S/a.json']],
        ]),
        problems: [],
      };
      const unreadable = [{ name: 'bad', problem: 'no JSON', damaged: true }];
      const folders = await plan({ runsDir: dir, records: three, unreadable, references, keep: 1, unused: true });
      assert.equal(going(folders), ['r-2: superseded']);
      assert.equal(
        folders.filter(({ goes }) => !goes).map(({ reason }) => reason),
        ['S/a.json refers to it', 'S/decision.json refers to it'],
      );
    });
  });

  it('is a sweep when its evaluation goes, and only then', async () => {
    const evaluations = ['e-1', 'e-2'].map((id, index) => ({ ...evaluationRecord(id), started_at: at(index + 1) }));
    const records = [...evaluations, sweepOf('s-1', 'e-1', KEY), sweepOf('s-2', 'e-2', OTHER_KEY)];
    assert.equal(going(await plan({ records, keep: 1 })), ['e-1: superseded', 's-1: superseded']);
    const references = { reportsOf: new Map([['e-1', ['S/decision.json']]]), problems: [] };
    assert.equal(going(await plan({ records, keep: 1, references })), []);
  });

  it('is with --unused what is neither by name nor by model file a candidate’s', async () => {
    const old = { ...latencyRecord('old'), candidate_id: 'old', model: { ...latencyRecord('x').model, sha256: KEY } };
    const renamed = { ...latencyRecord('renamed'), candidate_id: 'earlier_name' };
    const records = [old, renamed];
    assert.equal(going(await plan({ records, unused: true, models: new Set([HERE]) })), ['old: unused']);
    assert.equal(
      going(await plan({ records: [...records, latencyRecord('own')], unused: true })),
      ['old: unused'],
      'without the file, the records under its name know it',
    );
    assert.equal(going(await plan({ records })), []);
  });

  it('is with --unused no record of a search’s trial, whose benchmark.json rests on it, unless it is named', async () => {
    const other = { ...latencyRecord('x').model, sha256: KEY };
    const odd = { backbone: 'net ü', trial_name: 'trial.0' };
    const trials = [
      { ...latencyRecord('plain'), candidate_id: 'resnet18.trial_0', trial_name: 'trial_0', model: other },
      { ...latencyRecord('odd'), ...odd, candidate_id: trialRecordName('net ü', 'trial.0'), model: other },
    ];
    const retired = { ...latencyRecord('retired'), candidate_id: 'retired', model: other };
    const folders = await plan({ records: [...trials, retired], unused: true });
    assert.equal(going(folders), ['retired: unused']);
    assert.match(folders[0]?.reason ?? '', /^it is of a search's trial.*--only resnet18\.trial_0 .*/);
    assert.equal(going(await plan({ records: trials, unused: true, named: new Set(['resnet18.trial_0']) })), [
      'plain: unused',
    ]);
  });

  it('is a damaged folder under a name of beltbench that holds only files of beltbench', async () => {
    await inTempDir(async (dir) => {
      const named = (id: string): string => recordId('latency', id, KEY, at(1));
      for (const [name, file] of [
        [named('bad'), 'record.json'],
        [named('notes'), 'notes.txt'],
        [named('newer'), 'record.json'],
        ['my-backup', 'record.json'],
      ] as const) {
        await mkdir(join(dir, name));
        await writeFile(join(dir, name, file), '{');
      }
      await mkdir(join(dir, named('empty')));
      await mkdir(join(dir, 'my-notes'));
      const ours = ['bad', 'notes', 'newer', 'empty', 'vanished'].map(named);
      const unreadable = [...ours, 'my-backup', 'my-notes'].map((name) => ({
        name,
        problem: `${name} is no record`,
        damaged: name !== named('newer'),
      }));
      const folders = await plan({ runsDir: dir, unreadable });
      assert.equal(going(folders), [`${named('bad')}: unreadable`, `${named('empty')}: unreadable`]);
      const kept = new Map(folders.filter(({ goes }) => !goes).map(({ name, reason }) => [name, reason]));
      assert.is(kept.get(named('notes')), `it holds "notes.txt", which is not beltbench's`);
      assert.is(kept.get(named('newer')), `${named('newer')} is no record`);
      assert.is(kept.get(named('vanished')), 'it cannot be opened');
      for (const name of ['my-backup', 'my-notes']) {
        assert.is(kept.get(name), `${name} is no record; its name is not one that beltbench gives`);
      }
    });
  });

  it('is an interrupted measurement that nobody touched for a day', async () => {
    await inTempDir(async (dir) => {
      const journal = new LatencyJournal(dir, 'resnet18', KEY);
      await journal.addLaunch(launchOf(1));
      await journal.addRound(roundOf(1));
      await mkdir(join(dir, '.partial', 'not-ours'));
      await new LatencyJournal(dir, LONG_NAME, KEY).addLaunch(launchOf(1));
      const all = await listUnfinished(dir);
      assert.equal(
        all.map(({ candidateId }) => candidateId),
        [LONG_NAME, 'resnet18'],
      );
      await rm(join(dir, '.partial', `${LONG_NAME}-${KEY}`), { recursive: true });
      const [fresh] = await listUnfinished(dir);
      assert.equal([fresh?.candidateId, fresh?.benchmarkKey, fresh?.content.rounds.length], ['resnet18', KEY, 1]);
      const folders = await plan({ unfinished: await listUnfinished(dir) });
      assert.equal(going(folders), []);
      assert.match(folders[0]?.reason ?? '', /1 round so far, touched within a day: it may be under way/);
      const path = join(dir, '.partial', `resnet18-${KEY}`);
      const longAgo = new Date(Date.now() - 25 * 3_600_000);
      for (const file of ['', 'launch-000001.json', 'round-000001-batch-000001.json']) {
        await utimes(join(path, file), longAgo, longAgo);
      }
      assert.equal(going(await plan({ unfinished: await listUnfinished(dir) })), [
        `.partial/resnet18-${KEY}: interrupted`,
      ]);
    });
  });

  it('is never a measurement that cannot be reached', async () => {
    await inTempDir(async (dir) => {
      await mkdir(join(dir, '.partial'));
      await symlink(`resnet18-${KEY}`, join(dir, '.partial', `resnet18-${KEY}`));
      const folders = await plan({ unfinished: await listUnfinished(dir) });
      assert.equal(
        folders.map(({ what, goes }) => [what, goes]),
        [['interrupted', false]],
      );
    });
  });

  it('is what a dead process left half-written', async () => {
    assert.equal(going(await plan({ leftovers: ['.tmp-1'] })), ['.tmp-1: leftover']);
  });
});
