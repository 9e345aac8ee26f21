import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { reasonOf } from '../../src/shared/errors.ts';
import { makeFolder } from '../../src/store/makeFolder.ts';
import { describe } from '../describe.ts';
import { inTempDir } from './records.ts';

describe('makeFolder', (it) => {
  it('makes a folder with those above it, and leaves one that is there', async () => {
    await inTempDir(async (dir) => {
      const path = join(dir, 'a', 'b', 'c');
      await makeFolder(path);
      await writeFile(join(path, 'kept'), '');
      await makeFolder(path);
      assert.ok((await stat(join(path, 'kept'))).isFile());
      await mkdir(join(dir, 'real'));
      await symlink('real', join(dir, 'link'));
      await makeFolder(join(dir, 'link', 'below'));
      assert.ok((await stat(join(dir, 'real', 'below'))).isDirectory());
    });
  });

  it('lets two at once make the same', async () => {
    await inTempDir(async (dir) => {
      const path = join(dir, 'x', 'y');
      await Promise.all([makeFolder(path), makeFolder(path), makeFolder(path)]);
      assert.ok((await stat(path)).isDirectory());
    });
  });

  it('goes on where another one makes the folder above in between', async () => {
    await inTempDir(async (dir) => {
      for (let round = 0; round < 100; round += 1) {
        const above = join(dir, String(round), 'above');
        await Promise.all([makeFolder(join(above, 'one')), makeFolder(join(above, 'other')), makeFolder(above)]);
      }
      assert.ok((await stat(join(dir, '99', 'above', 'other'))).isDirectory());
    });
  });

  it('fails where a file or a link to nowhere is in the way', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'file'), '');
      await symlink('nowhere', join(dir, 'dangling'));
      assert.match(await reasonOfMaking(join(dir, 'file')), /EEXIST/);
      assert.match(await reasonOfMaking(join(dir, 'file', 'below')), /ENOTDIR/);
      assert.match(await reasonOfMaking(join(dir, 'dangling', 'below')), /EEXIST/);
    });
  });

  it('fails at once in a file system in which nothing can be made', async () => {
    assert.match(await reasonOfMaking('/proc/nowhere/below'), /ENOENT|EACCES|EROFS/);
  });
});

async function reasonOfMaking(path: string): Promise<string> {
  return await makeFolder(path).then(() => 'made', reasonOf);
}
