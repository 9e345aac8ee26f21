import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { LatencyRecord } from '../../src/records/latency.ts';
import { recordRules } from '../../src/store/parseRecord.ts';
import { readIndex, stampOf, writeIndex, type FileStamp, type IndexedRecord } from '../../src/store/recordIndex.ts';
import { RunStore } from '../../src/store/store.ts';
import { describe } from '../describe.ts';
import { evaluationRecord, inTempDir, latencyRecord } from './records.ts';

const RULES = 'rules';
const STAMP = '1 2 3 4' as FileStamp;

function indexed(record: IndexedRecord['record']): IndexedRecord {
  return { name: record.record_id, stamp: STAMP, record };
}

describe('an index of records', (it) => {
  it('gives back every record as it was, with its keys in their order', async () => {
    await inTempDir(async (dir) => {
      const entries = [
        indexed(latencyRecord('l-1')),
        indexed({ ...latencyRecord('l-2'), host_after: null, batch_1: null }),
        indexed({ ...latencyRecord('l-3'), metrics: { latency_batch_1_ms: 5 } }),
        indexed(evaluationRecord('e-1')),
      ];
      await writeIndex(join(dir, 'index'), RULES, entries);
      const read = [...readIndex(join(dir, 'index'), RULES).values()];
      assert.equal(read, entries);
      assert.is(JSON.stringify(read), JSON.stringify(entries));
    });
  });

  it('is as good as none where it is missing, cut off, altered by a bit, empty or no file', async () => {
    await inTempDir(async (dir) => {
      const path = join(dir, 'index');
      assert.is(readIndex(path, RULES).size, 0);
      await writeIndex(path, RULES, [indexed(latencyRecord('l-1'))]);
      const text = await readFile(path, 'utf8');
      assert.match(text, /"physical_cores":2/);
      const broken = [
        text.slice(0, -1),
        text.replace('"physical_cores":2', '"physical_cores":3'),
        '',
        '\n',
        `x${text}`,
      ];
      for (const content of broken) {
        await writeFile(path, content);
        assert.is(readIndex(path, RULES).size, 0);
      }
      await rm(path);
      await mkdir(path);
      assert.is(readIndex(path, RULES).size, 0);
    });
  });

  it('is as good as none where its records were validated by other schemas', async () => {
    await inTempDir(async (dir) => {
      await writeIndex(join(dir, 'index'), RULES, [indexed(latencyRecord('l-1'))]);
      assert.is(readIndex(join(dir, 'index'), RULES).size, 1);
      assert.is(readIndex(join(dir, 'index'), 'other rules').size, 0);
    });
  });

  it('is not written where it cannot be, which harms nobody and leaves nothing', async () => {
    await inTempDir(async (dir) => {
      await mkdir(join(dir, 'index'));
      await writeIndex(join(dir, 'index'), RULES, [indexed(latencyRecord('l-1'))]);
      await writeIndex(join(dir, 'nowhere', 'index'), RULES, [indexed(latencyRecord('l-1'))]);
      assert.equal(await readdir(dir), ['index']);
    });
  });

  it('trusts no stamp of a file that changed a moment ago', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'a'), 'a');
      assert.is(stampOf(join(dir, 'a')), undefined);
      const longAgo = new Date(Date.now() - 60_000);
      await utimes(join(dir, 'a'), longAgo, longAgo);
      assert.is(stampOf(join(dir, 'a')), undefined, 'its own time may be set, that of its inode may not');
      assert.is(stampOf(join(dir, 'none')), undefined);
    });
  });
});

const COUNT = 520;

/** Enough records for an index, as somebody copied them there. */
async function fill(dir: string): Promise<RunStore> {
  const store = new RunStore(dir);
  await Promise.all(Array.from({ length: COUNT }, async (_, index) => await put(store, latencyRecord(nameOf(index)))));
  return store;
}

async function put(store: RunStore, record: LatencyRecord, folder = record.record_id): Promise<void> {
  await mkdir(join(store.dir, folder), { recursive: true });
  await writeFile(join(store.dir, folder, 'record.json'), JSON.stringify(record));
}

function nameOf(index: number): string {
  return `r-${String(index).padStart(4, '0')}`;
}

async function idsIn(store: RunStore): Promise<Map<string, string>> {
  return new Map((await store.list()).latency.map((record) => [record.record_id, record.candidate_id]));
}

describe('a store with an index', (it) => {
  it('notices every record that was edited, replaced, added or removed, whatever the index holds', async () => {
    await inTempDir(async (dir) => {
      const store = await fill(dir);
      const index = join(store.dir, '.index');
      assert.is((await store.list()).latency.length, COUNT);
      assert.not.ok(existsSync(index), 'records of this moment may still change unseen');
      await sleep(2100);
      const before = await store.list();
      const entries = [...readIndex(index, recordRules()).values()];
      assert.is(entries.length, COUNT);

      const lie = entries.map((entry) => ({
        ...entry,
        record: { ...latencyRecord(entry.name), candidate_id: 'indexed' },
      }));
      await writeIndex(index, recordRules(), lie);
      assert.equal([...new Set((await idsIn(store)).values())], ['indexed'], 'the index is read at all');

      const path = (record: number): string => join(store.dir, nameOf(record), 'record.json');
      const sameSize = { ...latencyRecord(nameOf(1)), candidate_id: 'RESNET18' };
      await writeFile(path(1), JSON.stringify(sameSize));
      const longAgo = new Date(Date.now() - 3_600_000);
      await utimes(path(1), longAgo, longAgo);
      await put(store, { ...latencyRecord(nameOf(2)), candidate_id: 'replaced' }, 'elsewhere');
      await rename(join(store.dir, 'elsewhere', 'record.json'), path(2));
      await rm(join(store.dir, 'elsewhere'), { recursive: true });
      await rm(join(store.dir, nameOf(3)), { recursive: true });
      await put(store, { ...latencyRecord('added'), candidate_id: 'added' });
      await writeFile(path(4), '{"schema"');
      await rm(path(5));
      await rename(join(store.dir, nameOf(6)), join(store.dir, 'renamed'));

      const listing = await store.list();
      const candidates = new Map(listing.latency.map((record) => [record.record_id, record.candidate_id]));
      assert.is(candidates.get(nameOf(1)), 'RESNET18');
      assert.is(candidates.get(nameOf(2)), 'replaced');
      assert.is(candidates.get('added'), 'added');
      assert.equal(
        [3, 4, 5, 6].filter((record) => candidates.has(nameOf(record))),
        [],
      );
      assert.equal(listing.problems.length, 3, listing.problems.join('\n'));
      assert.is(listing.latency.length, COUNT - 3);

      await rm(index);
      assert.equal(
        (await store.list()).latency.filter(({ candidate_id: id }) => id !== 'resnet18').length,
        3,
        'without an index the same, but for its lies',
      );
      assert.is(before.latency.length, COUNT);
    });
  });

  it('lists the same to many readers at once, while records come', async () => {
    await inTempDir(async (dir) => {
      const store = await fill(dir);
      await sleep(2100);
      const [writes, ...listings] = await Promise.all([
        Promise.all(Array.from({ length: 5 }, async (_, each) => await store.write(latencyRecord(`w-${each}`)))),
        ...Array.from({ length: 4 }, async () => await new RunStore(dir).list()),
      ]);
      assert.is(writes.length, 5);
      for (const { latency, problems } of listings) {
        assert.ok(latency.length >= COUNT && latency.length <= COUNT + 5);
        assert.equal(problems, []);
      }
      assert.is((await store.list()).latency.length, COUNT + 5);
    });
  });
});
