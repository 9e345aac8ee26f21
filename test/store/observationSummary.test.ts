import { chmod, mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ObservationLog, type ReadObservations } from '../../src/store/observations.ts';
import { readSealed, writeSealed } from '../../src/store/sealedFile.ts';
import { describe } from '../describe.ts';
import { fill, run, totals } from './observationFactory.ts';
import { inTempDir } from './records.ts';

describe("the log's summary", (it) => {
  it('covers a long log, so that only what came since is read, and comes to the same', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      await fill(log, 3000);
      const first = await log.read();
      const path = join(dir, 'observations.jsonl.summary');
      const summary = (await readSealed(path, 1e6)) as { bytes: number };
      assert.is(summary.bytes, (await stat(log.path)).size);
      await log.append(run());
      assert.equal(totals(await log.read()), { fast: 3001 });
      await rm(path);
      const again = await new ObservationLog(join(dir, 'plan.json')).read();
      assert.equal(totals(again), { fast: 3001 });
      assert.equal(totals(first), { fast: 3000 });
    });
  });

  it('is what is answered from: its beginning is not counted again', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      await fill(log, 3000);
      await log.read();
      const path = join(dir, 'observations.jsonl.summary');
      const summary = (await readSealed(path, 1e6)) as ReadObservations;
      await writeSealed(path, { ...summary, tracked: summary.tracked.map((cell) => ({ ...cell, total: 70_000 })) });
      await log.append(run());
      assert.equal(totals(await new ObservationLog(join(dir, 'plan.json')).read()), { fast: 70_001 });
    });
  });

  it('is left out when an early line of the log was changed, though no length did', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      await fill(log, 3000);
      await log.read();
      const text = await readFile(log.path, 'utf8');
      await writeFile(log.path, text.replace('"fast"', '"slow"'));
      assert.equal(totals(await log.read()), { slow: 1, fast: 2999 });
    });
  });

  it('of a log that takes long to hash is held against all of it when it is due, and when the file is another one', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'), 0);
      await fill(log, 3000);
      await log.read();
      const text = await readFile(log.path, 'utf8');
      const changed = text.replace('"fast"', '"slow"');
      await writeFile(log.path, changed);
      assert.equal(totals(await log.read()), { fast: 3000 }, 'the same file, and nothing is due');
      await writeFile(log.path, changed + text);
      assert.equal(totals(await log.read()), { slow: 1, fast: 5999 }, 'as much again makes it due');
      await writeFile(`${log.path}.new`, text + text);
      await rename(`${log.path}.new`, log.path);
      assert.equal(totals(await log.read()), { fast: 6000 }, 'another file');
    });
  });

  it('is written by who appends, too', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      await fill(log, 3000);
      await log.append(run());
      const summary = (await readSealed(join(dir, 'observations.jsonl.summary'), 1e6)) as ReadObservations;
      assert.equal(totals(summary), { fast: 3001 });
    });
  });

  it('is left out when it is of another log, of a longer one, or broken', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      await fill(log, 3000);
      await log.read();
      const path = join(dir, 'observations.jsonl.summary');
      const text = await readFile(path, 'utf8');
      await truncate(log.path, `\n${JSON.stringify(run())}\n`.length * 100);
      assert.equal(totals(await log.read()), { fast: 100 }, 'a shorter log');
      await writeFile(log.path, `\n${JSON.stringify(run(1, { deployment: 'slow' }))}\n`.repeat(3100));
      assert.equal(totals(await log.read()), { slow: 3100 }, 'another log');
      for (const broken of ['{', text.slice(0, -20), text.replace('"total":3000', '"total":9000')]) {
        await writeFile(path, broken);
        assert.equal(totals(await log.read()), { slow: 3100 });
      }
    });
  });

  it('is not needed: a folder that nobody may write is read all the same', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      await fill(log, 3000);
      await mkdir(join(dir, 'observations.jsonl.summary'));
      await chmod(dir, 0o555);
      assert.equal(totals(await log.read()), { fast: 3000 });
      await chmod(dir, 0o755);
    });
  });
});
