import { execFileSync } from 'node:child_process';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readJsonFile } from '../../src/store/jsonFile.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { inTempDir } from './records.ts';

describe('readJsonFile', (it) => {
  it('reads what was written', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'a.json'), '{"ä": [1.5, null]}\n');
      assert.equal(await readJsonFile(join(dir, 'a.json'), 100), { ä: [1.5, null] });
    });
  });

  it('is undefined where there is no file', async () => {
    assert.is(await readJsonFile('/nowhere/a.json', 100), undefined);
  });

  it('does not take a file that it cannot reach for one that is not there', async () => {
    await inTempDir(async (dir) => {
      await symlink(join(dir, 'around.json'), join(dir, 'around.json'));
      await rejects(
        () => readJsonFile(join(dir, 'around.json'), 100),
        /around\.json cannot be read: ELOOP.*; make it readable$/,
      );
      await symlink(join(dir, 'unmounted', 'a.json'), join(dir, 'away.json'));
      await rejects(
        () => readJsonFile(join(dir, 'away.json'), 100),
        /away\.json cannot be read: it is a link that leads nowhere; make it readable$/,
      );
    });
  });

  it('says of a file whose bytes it cannot read that it cannot, and not that they are no JSON', async () => {
    if (process.platform === 'linux') {
      await inTempDir(async (dir) => {
        // The kernel's own file, which not even root may read from its beginning.
        await symlink('/proc/self/mem', join(dir, 'a.json'));
        await rejects(() => readJsonFile(join(dir, 'a.json'), 100), /a\.json cannot be read: EIO.*; make it readable$/);
      });
    }
  });

  it('refuses half a file', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'a.json'), '{"a": [1, 2');
      await rejects(() => readJsonFile(join(dir, 'a.json'), 100), /a\.json is not valid JSON: .*; remove its folder/);
      await writeFile(join(dir, 'a.json'), '');
      await rejects(() => readJsonFile(join(dir, 'a.json'), 100), /is not valid JSON/);
    });
  });

  it('refuses a huge file by its size, before it reads it', async () => {
    await inTempDir(async (dir) => {
      const path = join(dir, 'a.json');
      await writeFile(path, '');
      await truncate(path, 1e12);
      const start = performance.now();
      await rejects(() => readJsonFile(path, 1000), /a\.json has 1000000000000 bytes, and at most 1000 are read/);
      assert.ok(performance.now() - start < 1000);
    });
  });

  it('refuses what is no file: a folder, a device without an end, a pipe that nobody writes to', async () => {
    await inTempDir(async (dir) => {
      await mkdir(join(dir, 'folder.json'));
      await rejects(() => readJsonFile(join(dir, 'folder.json'), 1e6), /folder\.json is not a file/);
      if (process.platform === 'linux') {
        await symlink('/dev/zero', join(dir, 'zero.json'));
        await rejects(() => readJsonFile(join(dir, 'zero.json'), 1e6), /zero\.json is not a file/);
        execFileSync('mkfifo', [join(dir, 'pipe.json')]);
        await rejects(() => readJsonFile(join(dir, 'pipe.json'), 1e6), /pipe\.json is not a file/);
      }
    });
  });
});
