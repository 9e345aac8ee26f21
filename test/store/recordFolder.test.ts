import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { BeltbenchError } from '../../src/shared/errors.ts';
import { IN_REPORTS } from '../../src/store/cannotWrite.ts';
import { discardFolder, recordPath, writeRecordFolder } from '../../src/store/recordFolder.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { inTempDir } from './records.ts';

const WRITER = ['--import', 'tsx', fileURLToPath(new URL('../fixtures/writeRecord.ts', import.meta.url))];
const FILES = { 'samples.json': [1, 2], 'record.json': { a: 1 } };

describe('writeRecordFolder', (it) => {
  it('writes every file as JSON into one folder, with the folders above it', async () => {
    await inTempDir(async (dir) => {
      const parent = join(dir, 'reports', 'runs');
      await writeRecordFolder(parent, 'r-1', FILES, IN_REPORTS);
      assert.equal(await readdir(parent), ['r-1']);
      assert.equal((await readdir(join(parent, 'r-1'))).toSorted(), ['record.json', 'samples.json']);
      assert.is(await readFile(join(parent, 'r-1', 'samples.json'), 'utf8'), '[1,2]\n');
      assert.is(await readFile(join(parent, 'r-1', 'record.json'), 'utf8'), '{\n  "a": 1\n}\n');
    });
  });

  it('never overwrites a record', async () => {
    await inTempDir(async (dir) => {
      await writeRecordFolder(dir, 'r-1', FILES, IN_REPORTS);
      await rejects(
        () => writeRecordFolder(dir, 'r-1', { 'record.json': 'another' }, IN_REPORTS),
        /r-1 cannot be written: a record of that name is there already; nothing half-written is left/,
      );
      assert.is(await readFile(join(dir, 'r-1', 'record.json'), 'utf8'), '{\n  "a": 1\n}\n');
      assert.equal(await readdir(dir), ['r-1']);
    });
  });

  it('lets one of two writers of the same record win, whole', async () => {
    await inTempDir(async (dir) => {
      const writes = ['one', 'two'].map(async (text) => {
        await writeRecordFolder(dir, 'r-1', { 'samples.json': text.repeat(100_000), 'record.json': text }, IN_REPORTS);
      });
      const outcomes = await Promise.allSettled(writes);
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
      assert.is(lost.length, 1);
      assert.instance(lost[0]?.reason, BeltbenchError);
      const winner = JSON.parse(await readFile(join(dir, 'r-1', 'record.json'), 'utf8')) as string;
      assert.is(await readFile(join(dir, 'r-1', 'samples.json'), 'utf8'), `"${winner.repeat(100_000)}"\n`);
      assert.equal(await readdir(dir), ['r-1']);
    });
  });

  it('leaves nothing behind where the disk is full in the middle of a file', async () => {
    if (process.platform !== 'linux') {
      return;
    }
    await inTempDir(async (dir) => {
      // No file may grow beyond a megabyte or two: the write of the large one fails half-way, for root too.
      const program = `trap '' XFSZ; ulimit -f 2048; exec "$@"`;
      const args = ['-c', program, 'sh', process.execPath, ...WRITER, dir, 'r-1', String(8 * 1024 * 1024)];
      const said = execFileSync('sh', args, { encoding: 'utf8' });
      assert.match(said, /r-1 cannot be written: EFBIG.*; nothing half-written is left: free the disk/);
      assert.equal(await readdir(dir), []);
    });
  });

  it('leaves nothing behind where a file cannot be written as JSON', async () => {
    await inTempDir(async (dir) => {
      const circle: Record<string, unknown> = {};
      circle['self'] = circle;
      await rejects(
        () => writeRecordFolder(dir, 'r-1', { 'a.json': 1, 'record.json': circle }, IN_REPORTS),
        /circular/,
      );
      assert.equal(await readdir(dir), []);
    });
  });

  it('says in one line that a file stands where the folder should be', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'runs'), 'a file');
      await rejects(
        () => writeRecordFolder(join(dir, 'runs'), 'r-1', FILES, IN_REPORTS),
        /runs\/r-1 cannot be written: (EEXIST|ENOTDIR).* name another folder in `reports`, and run again/,
      );
      await rejects(
        () => writeRecordFolder(join(dir, 'runs', 'deeper'), 'r-1', FILES, IN_REPORTS),
        /cannot be written: ENOTDIR/,
      );
      await mkdir(join(dir, 'other'));
      await writeFile(join(dir, 'other', 'r-1'), 'a file');
      await rejects(
        () => writeRecordFolder(join(dir, 'other'), 'r-1', FILES, IN_REPORTS),
        /r-1 cannot be written: ENOTDIR/,
      );
      assert.equal(await readdir(join(dir, 'other')), ['r-1']);
    });
  });

  it('says in one line that the folder is read-only', async () => {
    if (process.platform === 'linux') {
      // The kernel's own file system, which not even root may write to.
      await rejects(
        () => writeRecordFolder('/sys/kernel/runs', 'r-1', FILES, IN_REPORTS),
        /cannot be written: (EPERM|EACCES|EROFS)/,
      );
    }
  });

  it('leaves only what the next writer removes, when it is killed half-way', async () => {
    await inTempDir(async (dir) => {
      const writer = spawn(process.execPath, [...WRITER, dir, 'r-1', String(200 * 1024 * 1024)], { stdio: 'ignore' });
      const started = async (): Promise<boolean> =>
        (await readdir(dir)).some((name) => existsSync(join(dir, name, 'large.json')));
      while (!(await started())) {
        await sleep(1);
      }
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      const left = await readdir(dir);
      assert.is(left.length, 1);
      assert.match(left[0] ?? '', /^\.tmp-/, 'the record has its name only when it is whole');
      await writeRecordFolder(dir, 'r-2', FILES, IN_REPORTS);
      assert.equal(await readdir(dir), ['r-2']);
    });
  });
});

describe('discardFolder', (it) => {
  it('removes a folder from anywhere below the store, and nothing else', async () => {
    await inTempDir(async (dir) => {
      await writeRecordFolder(dir, 'r-1', FILES, IN_REPORTS);
      await writeRecordFolder(join(dir, '.partial'), 'j-1', FILES, IN_REPORTS);
      await discardFolder(dir, join(dir, 'r-1'));
      assert.equal(await readdir(dir), ['.partial']);
      await discardFolder(dir, join(dir, '.partial', 'j-1'));
      assert.equal(await readdir(join(dir, '.partial')), []);
    });
  });

  it('says in one line what it could not remove', async () => {
    await inTempDir(async (dir) => {
      await rejects(() => discardFolder(dir, join(dir, 'none')), /none cannot be removed: ENOENT.*; allow writing to/);
    });
  });
});

describe('recordPath', (it) => {
  it('stays below its folder, whatever the id', async () => {
    assert.is(recordPath('/store', 'latency-a.b_c-1'), '/store/latency-a.b_c-1');
    const escapes = [
      '..',
      '.',
      '',
      '../x',
      'a/b',
      String.raw`a\b`,
      '/etc',
      '.hidden',
      'a\0b',
      'a\nb',
      'ä',
      'x'.repeat(256),
    ];
    for (const id of escapes) {
      await rejects(() => recordPath('/store', id), /a record_id is 1 to 255 letters, digits, .* received "/);
    }
  });
});
