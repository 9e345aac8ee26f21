import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readSealed, writeSealed } from '../../src/store/sealedFile.ts';
import { describe } from '../describe.ts';
import { inTempDir } from './records.ts';

describe('a sealed file', (it) => {
  it('gives back what was written', async () => {
    await inTempDir(async (dir) => {
      const path = join(dir, 'a.checked');
      assert.ok(await writeSealed(path, { text: 'a\nb ü', list: [1, null] }));
      assert.equal(await readSealed(path, 1000), { text: 'a\nb ü', list: [1, null] });
    });
  });

  it('is nothing when it was changed, cut, emptied, is too large or not there', async () => {
    await inTempDir(async (dir) => {
      const path = join(dir, 'a.checked');
      await writeSealed(path, { value: 12 });
      const text = await readFile(path, 'utf8');
      assert.is(await readSealed(path, 10), undefined);
      for (const broken of [text.replace('12', '13'), text.slice(0, -5), text.slice(0, 64), '', '\n']) {
        await writeFile(path, broken);
        assert.is(await readSealed(path, 1000), undefined, JSON.stringify(broken));
      }
      assert.is(await readSealed(join(dir, 'none'), 1000), undefined);
      assert.is(await readSealed(dir, 1e6), undefined);
    });
  });

  it('that cannot be written is no error', async () => {
    await inTempDir(async (dir) => {
      await mkdir(join(dir, 'taken'));
      assert.not.ok(await writeSealed(join(dir, 'taken'), 1));
    });
  });
});
