import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readTextFile } from '../../src/config/textFile.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { withFolder } from './folder.ts';

const read = async (path: string): Promise<string> => await readTextFile(path, 'bad_study', 'name another');

describe('readTextFile', (it) => {
  it('reads UTF-8, with or without a byte order mark', async () => {
    await withFolder({ plain: 'Süß 桜', marked: '\uFEFFSüß' }, async (dir) => {
      assert.is(await read(join(dir, 'plain')), 'Süß 桜');
      assert.is(await read(join(dir, 'marked')), 'Süß');
    });
  });

  it('says that a file is missing, and the way out', async () => {
    await withFolder({ file: '' }, async (dir) => {
      await rejects(() => read(join(dir, 'gone')), /^there is no file .*gone; name another$/);
      await rejects(() => read(join(dir, 'file', 'below')), /^there is no file .*below; name another$/);
    });
  });

  it('says why a file that may be there cannot be reached', async () => {
    await rejects(() => read('a\u0000b'), /cannot be read: .*null bytes.*; name another$/);
    await rejects(() => read(`/${'x'.repeat(300)}`), /cannot be read: .*ENAMETOOLONG.*; name another$/);
  });

  it('refuses a folder', async () => {
    await withFolder({}, async (dir) => {
      await mkdir(join(dir, 'folder'));
      await rejects(() => read(join(dir, 'folder')), /folder is not a file; name another$/);
    });
  });

  it('reads 1 MiB and refuses a byte more', async () => {
    await withFolder({ full: 'x'.repeat(1_048_576), over: 'x'.repeat(1_048_577) }, async (dir) => {
      assert.is((await read(join(dir, 'full'))).length, 1_048_576);
      await rejects(
        () => read(join(dir, 'over')),
        /over has 1048577 bytes, and at most 1048576 are read; name another$/,
      );
    });
  });

  it('refuses a device, which has no end', async () => {
    await rejects(() => read('/dev/zero'), /\/dev\/zero is not a file/);
  });

  it('refuses what is not UTF-8 instead of guessing', async () => {
    await withFolder(
      { latin1: Buffer.from([0x53, 0xfc, 0xdf]), utf16: Buffer.from('\uFEFFstory', 'utf16le') },
      async (dir) => {
        await rejects(() => read(join(dir, 'latin1')), /latin1 is not UTF-8 text; save it with the encoding UTF-8$/);
        await rejects(() => read(join(dir, 'utf16')), /utf16 is not UTF-8 text/);
      },
    );
  });
});
