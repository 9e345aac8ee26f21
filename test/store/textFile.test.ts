import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { IN_REPORTS } from '../../src/store/cannotWrite.ts';
import { writeTextFile, writeTextFiles } from '../../src/store/textFile.ts';
import { withFolder } from '../config/folder.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';

describe('writeTextFile', (it) => {
  it('writes UTF-8, with the folders it needs', async () => {
    await withFolder({}, async (dir) => {
      const path = join(dir, 'reports', 'STORY-1', 'decision.md');
      await writeTextFile(path, '# Süß 桜\n', IN_REPORTS);
      assert.equal(await readFile(path), Buffer.from('# Süß 桜\n'));
    });
  });

  it('replaces what was there and leaves nothing else behind', async () => {
    await withFolder({ 'a.md': 'a much longer text than the new one' }, async (dir) => {
      await writeTextFile(join(dir, 'a.md'), 'new', IN_REPORTS);
      assert.is(await readFile(join(dir, 'a.md'), 'utf8'), 'new');
      assert.equal(await readdir(dir), ['a.md']);
    });
  });

  it('names the file when a folder stands in its place, and leaves nothing half-written', async () => {
    await withFolder({}, async (dir) => {
      await mkdir(join(dir, 'a.md'));
      await rejects(
        () => writeTextFile(join(dir, 'a.md'), 'new', IN_REPORTS),
        /a\.md cannot be written: .*; nothing half-written is left/,
      );
      assert.equal(await readdir(dir), ['a.md']);
    });
  });

  it('names the file when its folder cannot be made, and the way out of its caller', async () => {
    await withFolder({}, async (dir) => {
      await writeFile(join(dir, 'reports'), 'in the way');
      await rejects(
        () => writeTextFile(join(dir, 'reports', 'a.md'), 'new', 'name another --out'),
        /a\.md cannot be written: .*: name another --out, and run again$/,
      );
    });
  });
});

describe('writeTextFiles', (it) => {
  it('replaces all of them, or none where one of them has no place', async () => {
    await withFolder({ 'a.json': 'old' }, async (dir) => {
      await mkdir(join(dir, 'a.md'));
      const files = [
        [join(dir, 'a.json'), 'new'],
        [join(dir, 'a.md'), 'new'],
      ] as const;
      await rejects(
        () => writeTextFiles(files, IN_REPORTS),
        /a\.json and .*a\.md cannot be written: a folder stands there/,
      );
      assert.is(await readFile(join(dir, 'a.json'), 'utf8'), 'old');
      assert.equal(await readdir(dir), ['a.json', 'a.md']);
      await rm(join(dir, 'a.md'), { recursive: true });
      await writeTextFiles(files, IN_REPORTS);
      assert.equal(
        [await readFile(join(dir, 'a.json'), 'utf8'), await readFile(join(dir, 'a.md'), 'utf8')],
        ['new', 'new'],
      );
    });
  });
});
