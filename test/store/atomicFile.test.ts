import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { writeAtomic } from '../../src/store/atomicFile.ts';
import { describe } from '../describe.ts';
import { inTempDir } from './records.ts';

const WRITER = ['--import', 'tsx', fileURLToPath(new URL('../fixtures/writeAtomic.ts', import.meta.url))];

describe('writeAtomic', (it) => {
  it('writes texts and bytes, over what stood there, and leaves nothing beside them', async () => {
    await inTempDir(async (dir) => {
      const path = join(dir, 'a.md');
      await writeAtomic(path, 'a much longer text than the new one');
      await writeAtomic(path, Uint8Array.of(0xff, 0));
      assert.equal([...(await readFile(path))], [0xff, 0]);
      assert.equal(await readdir(dir), ['a.md']);
    });
  });

  it('leaves the old file, and nothing else, when it is killed half-way', async () => {
    await inTempDir(async (dir) => {
      const path = join(dir, 'a.md');
      await writeFile(path, 'old');
      const writer = spawn(process.execPath, [...WRITER, path, String(200 * 1024 * 1024)], { stdio: 'ignore' });
      while ((await readdir(dir)).length === 1) {
        await sleep(1);
      }
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      assert.is(await readFile(path, 'utf8'), 'old');
      assert.is((await readdir(dir)).length, 2);
      await writeAtomic(join(dir, 'b.md'), 'another');
      assert.equal((await readdir(dir)).toSorted(), ['a.md', 'b.md']);
    });
  });

  it('keeps the rights of the file that stood there', async () => {
    if (process.platform !== 'win32') {
      await inTempDir(async (dir) => {
        const path = join(dir, 'a.md');
        await writeFile(path, 'old');
        // No mask makes these.
        await chmod(path, 0o462);
        await writeAtomic(path, 'new');
        assert.is((await stat(path)).mode & 0o777, 0o462);
      });
    }
  });

  it('writes through a link', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'real.md'), 'old');
      await symlink('real.md', join(dir, 'link.md'));
      await writeAtomic(join(dir, 'link.md'), 'new');
      assert.ok((await lstat(join(dir, 'link.md'))).isSymbolicLink());
      assert.is(await readFile(join(dir, 'real.md'), 'utf8'), 'new');
    });
  });
});
