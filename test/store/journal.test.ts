import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { LatencyJournal } from '../../src/store/journal.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { inTempDir, KEY, launchOf, roundOf } from './records.ts';

describe('LatencyJournal', (it) => {
  it('gives back what was added, in the order of the rounds, to another process too', async () => {
    await inTempDir(async (dir) => {
      const journal = new LatencyJournal(dir, 'resnet18', KEY);
      await journal.addLaunch(launchOf(1));
      for (const round of [10, 2, 1]) {
        await journal.addRound(roundOf(round));
      }
      await journal.addRound(roundOf(2, 16));
      await journal.addLaunch(launchOf(2));
      const { launches, rounds } = await new LatencyJournal(dir, 'resnet18', KEY).read();
      assert.equal(launches, [launchOf(1), launchOf(2)]);
      assert.equal(rounds, [roundOf(1), roundOf(2), roundOf(2, 16), roundOf(10)]);
    });
  });

  it('is empty where nothing was measured', async () => {
    await inTempDir(async (dir) => {
      assert.equal(await new LatencyJournal(dir, 'resnet18', KEY).read(), {
        begunAt: undefined,
        launches: [],
        rounds: [],
      });
    });
  });

  it('was begun once, before its first launch; an older one with it', async () => {
    await inTempDir(async (dir) => {
      const journal = new LatencyJournal(dir, 'resnet18', KEY);
      await journal.begin('2026-03-01T07:00:00.000Z');
      await journal.begin('2026-03-01T09:00:00.000Z');
      await journal.addLaunch(launchOf(1));
      assert.is((await journal.read()).begunAt, '2026-03-01T07:00:00.000Z');
      const older = new LatencyJournal(dir, 'older', KEY);
      await older.addLaunch(launchOf(1));
      await older.begin('2026-03-01T09:00:00.000Z');
      assert.is((await older.read()).begunAt, launchOf(1).started_at);
      await journal.remove();
      assert.is((await journal.read()).begunAt, undefined);
    });
  });

  it('keeps candidates apart, even those of one key', async () => {
    await inTempDir(async (dir) => {
      const [one, two] = [new LatencyJournal(dir, 'one', KEY), new LatencyJournal(dir, 'two', KEY)];
      await one.addRound(roundOf(1));
      assert.equal((await two.read()).rounds, []);
      await two.addRound(roundOf(2));
      await two.remove();
      assert.equal((await one.read()).rounds, [roundOf(1)]);
      assert.equal((await new LatencyJournal(dir, 'one', 'cd'.repeat(32)).read()).rounds, []);
    });
  });

  it('leaves out what was half-written, is of another kind, or stands under another name', async () => {
    await inTempDir(async (dir) => {
      const journal = new LatencyJournal(dir, 'resnet18', KEY);
      await journal.addRound(roundOf(1));
      const folder = join(dir, '.partial', `resnet18-${KEY}`);
      const [whole = ''] = await readdir(folder);
      const text = await readFile(join(folder, whole), 'utf8');
      await writeFile(join(folder, 'round-000002-batch-000001.json'), text.slice(0, -10));
      await writeFile(join(folder, 'round-000003-batch-000001.json.123456'), JSON.stringify(roundOf(3)));
      await writeFile(
        join(folder, 'round-000004-batch-000001.json'),
        JSON.stringify({ ...roundOf(4), samples_ms: ['5'] }),
      );
      await cp(join(folder, whole), join(folder, 'round-000005-batch-000001.json'));
      await mkdir(join(folder, 'round-000006-batch-000001.json'));
      assert.equal((await journal.read()).rounds, [roundOf(1)]);
    });
  });

  it('takes a round again in place of the half-written one', async () => {
    await inTempDir(async (dir) => {
      const journal = new LatencyJournal(dir, 'resnet18', KEY);
      await journal.addRound(roundOf(1));
      const folder = join(dir, '.partial', `resnet18-${KEY}`);
      const [name = ''] = await readdir(folder);
      await writeFile(join(folder, name), '{');
      await journal.addRound(roundOf(1));
      assert.equal((await journal.read()).rounds, [roundOf(1)]);
      assert.equal(await readdir(folder), [name], 'no temporary file is left');
    });
  });

  it('can be removed, more than once', async () => {
    await inTempDir(async (dir) => {
      const journal = new LatencyJournal(dir, 'resnet18', KEY);
      await journal.addRound(roundOf(1));
      await journal.remove();
      await journal.remove();
      assert.equal(await readdir(join(dir, '.partial')), []);
    });
  });

  it('says in one line that it cannot be written', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, '.partial'), 'a file');
      const journal = new LatencyJournal(dir, 'resnet18', KEY);
      await rejects(
        () => journal.addRound(roundOf(1)),
        /round-000001-batch-000001\.json cannot be written: (ENOTDIR|EEXIST)/,
      );
    });
  });

  it('stays below the store, whatever the candidate’s id', async () => {
    await rejects(() => new LatencyJournal('/store', '../../etc', KEY), /a record_id is .* received/);
  });
});
