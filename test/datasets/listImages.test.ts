import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { openRoot } from '../../src/datasets/folders.ts';
import { type ClassFolders, type LabelledImage, listSplit } from '../../src/datasets/listImages.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { inTempDir, writeFiles } from './fixtures.ts';

const CLASSES = { clean: 'cherry_clean', pit: 'cherry_pit' };

async function listed(root: string, split: string, classes: ClassFolders): Promise<readonly LabelledImage[]> {
  return (await listSplit(await openRoot(root), split, classes)).images;
}

describe('listSplit', (it) => {
  it('names every image by its path below the root, with its class and length, in code-unit order', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, {
        'val/cherry_pit/b.png': 'four',
        'val/cherry_pit/a10.png': '',
        'val/cherry_pit/a9.png': '',
        'val/cherry_clean/Z.png': '',
        'val/cherry_clean/a.png': '',
      });
      const images = await listed(dir, 'val', CLASSES);
      assert.equal(
        images.map(({ id, className, bytes }) => `${id} ${className} ${bytes}`),
        [
          'val/cherry_clean/Z.png clean 0',
          'val/cherry_clean/a.png clean 0',
          'val/cherry_pit/a10.png pit 0',
          'val/cherry_pit/a9.png pit 0',
          'val/cherry_pit/b.png pit 4',
        ],
      );
      assert.is(images.at(-1)?.path, join(dir, 'val', 'cherry_pit', 'b.png'));
    });
  });

  it('looks into sub-folders and takes every image extension in any case', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, {
        'val/cherry_pit/cam1/x.JPG': '',
        'val/cherry_pit/cam1/deep/y.jpeg': '',
        'val/cherry_pit/z.WebP': '',
        'val/cherry_pit/t.tif': '',
        'val/cherry_pit/u.TIFF': '',
        'val/cherry_clean/a.png': '',
      });
      const ids = (await listed(dir, 'val', CLASSES)).map(({ id }) => id);
      assert.equal(ids, [
        'val/cherry_clean/a.png',
        'val/cherry_pit/cam1/deep/y.jpeg',
        'val/cherry_pit/cam1/x.JPG',
        'val/cherry_pit/t.tif',
        'val/cherry_pit/u.TIFF',
        'val/cherry_pit/z.WebP',
      ]);
    });
  });

  it('keeps names that are not ASCII or look like HTML as they are', async () => {
    await inTempDir(async (dir) => {
      const names = ['<img src=x onerror=1>.png', 'Kirsche "ä" & 桜.png', 'a|b`c`.png', 'line\nbreak.png'];
      for (const name of names) {
        await writeFiles(dir, { [`val/cherry_pit/${name}`]: '' });
      }
      await writeFiles(dir, { 'val/cherry_clean/a.png': '' });
      const ids = (await listed(dir, 'val', CLASSES)).map(({ id }) => id);
      assert.equal(ids, ['val/cherry_clean/a.png', ...names.map((name) => `val/cherry_pit/${name}`).toSorted()]);
    });
  });

  it('takes `.` as a split: class folders straight below the root', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'cherry_pit/a.png': '', 'cherry_clean/b.png': '' });
      const ids = (await listed(dir, '.', CLASSES)).map(({ id }) => id);
      assert.equal(ids, ['cherry_clean/b.png', 'cherry_pit/a.png']);
    });
  });

  it('counts other files and hidden entries as ignored, without reading them', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, {
        'val/cherry_pit/a.png': '',
        'val/cherry_pit/notes.txt': '',
        'val/cherry_pit/a.bmp': '',
        'val/cherry_pit/._a.png': '',
        'val/cherry_pit/.ipynb_checkpoints/a.png': '',
        'val/cherry_clean/b.png': '',
      });
      const { images, ignored } = await listSplit(await openRoot(dir), 'val', CLASSES);
      assert.is(images.length, 2);
      assert.is(ignored.otherFiles, 4);
    });
  });

  it('follows a link to a file inside the root, and reports every other link instead of following it', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, {
        'outside/secret.png': '',
        'data/val/cherry_pit/a.png': 'abc',
        'data/val/cherry_clean/b.png': '',
      });
      const pit = join(dir, 'data/val/cherry_pit');
      await symlink(join(pit, 'a.png'), join(pit, 'inside.png'));
      await symlink(join(dir, 'outside/secret.png'), join(pit, 'leaves.png'));
      await symlink(join(dir, 'outside'), join(pit, 'folder'));
      await symlink(join(dir, 'data'), join(pit, 'circle'));
      await symlink(join(dir, 'nowhere.png'), join(pit, 'dangling.png'));
      const { images, ignored } = await listSplit(await openRoot(join(dir, 'data')), 'val', CLASSES);
      assert.equal(
        images.filter(({ className }) => className === 'pit').map(({ id, bytes }) => [id, bytes]),
        [
          ['val/cherry_pit/a.png', 3],
          ['val/cherry_pit/inside.png', 3],
        ],
      );
      assert.equal(
        ignored.links,
        ['circle', 'dangling.png', 'folder', 'leaves.png'].map((name) => `val/cherry_pit/${name}`),
      );
    });
  });

  it('says so when the root is missing or a file', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'file'), '');
      await rejects(() => listed(join(dir, 'none'), 'val', CLASSES), /root .*none is not a folder; correct/);
      await rejects(() => listed(join(dir, 'file'), 'val', CLASSES), /file is not a folder/);
    });
  });

  it('names the splits that exist when the split is missing', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'train/cherry_pit/a.png': '', 'val/cherry_pit/a.png': '' });
      await rejects(() => listed(dir, 'vall', CLASSES), /`dataset.split` names `vall`, .*did you mean `val`\?/);
      await rejects(() => listed(dir, 'holdout', CLASSES), /`holdout`, .*train, val/);
    });
  });

  it('names the nearest class folder, or all of them, when one is missing', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/cherry_pit/a.png': '', 'val/cherry_cleen/a.png': '' });
      await rejects(
        () => listed(dir, 'val', CLASSES),
        /`dataset.classes.clean` names `cherry_clean`, .*did you mean `cherry_cleen`\?/,
      );
      await rejects(() => listed(dir, 'val', { a: 'stem' }), /`stem`, .*cherry_cleen, cherry_pit/);
    });
  });

  it('says so when the split holds no folder at all', async () => {
    await inTempDir(async (dir) => {
      await mkdir(join(dir, 'val'));
      await rejects(() => listed(dir, 'val', CLASSES), /which holds no folders; put the images there/);
    });
  });

  it('says what an imageless class folder holds instead', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/cherry_pit/a.bmp': '', 'val/cherry_clean/a.png': '' });
      await rejects(
        () => listed(dir, 'val', CLASSES),
        /cherry_pit of class `pit` holds no image \(\.png, .*only 1 other file; put its images there/,
      );
    });
  });

  it('says that an empty class folder is empty', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/cherry_clean/a.png': '' });
      await mkdir(join(dir, 'val/cherry_pit'));
      await rejects(() => listed(dir, 'val', CLASSES), /cherry_pit of class `pit` is empty; put its images there/);
    });
  });

  it('counts pictures of formats that are not read, apart from other files', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, {
        'val/cherry_pit/a.png': '',
        'val/cherry_pit/b.BMP': '',
        'val/cherry_clean/c.png': '',
        'val/cherry_clean/d.gif': '',
        'val/cherry_clean/notes.txt': '',
      });
      const { ignored } = await listSplit(await openRoot(dir), 'val', CLASSES);
      assert.equal([ignored.otherFiles, ignored.otherPictures], [3, 2]);
    });
  });

  it('refuses a split or class folder outside the root, also behind a link', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'other/cherry_pit/a.png': '', 'data/val/cherry_clean/a.png': '' });
      const root = join(dir, 'data');
      await rejects(() => listed(root, '../other', CLASSES), /`\.\.\/other`, which lies outside the dataset root/);
      await symlink(join(dir, 'other'), join(root, 'linked'));
      await rejects(() => listed(root, 'linked', CLASSES), /`linked`, a link that leads out/);
      await symlink(join(dir, 'other/cherry_pit'), join(root, 'val/cherry_pit'));
      await rejects(() => listed(root, 'val', CLASSES), /`cherry_pit`, a link that leads out/);
    });
  });

  it('refuses class folders that overlap', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/all/pit/a.png': '' });
      await rejects(
        () => listed(dir, 'val', { clean: 'all', pit: 'all/pit' }),
        /val\/all\/pit\/a\.png stands under two classes, `clean` and `pit`/,
      );
    });
  });

  it('refuses more files than the limit', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/p/1.png': '', 'val/p/2.txt': '', 'val/p/sub/3.png': '' });
      const root = await openRoot(dir);
      assert.is((await listSplit(root, 'val', { p: 'p' }, 4)).images.length, 2);
      await rejects(() => listSplit(root, 'val', { p: 'p' }, 3), /holds more than 3 files/);
    });
  });

  it('says so when a name is not valid UTF-8, on systems that allow it', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/p/a.png': '' });
      const name = Buffer.concat([Buffer.from(`${join(dir, 'val', 'p')}/`), Buffer.from([0xff]), Buffer.from('.png')]);
      const allowed = await writeFile(name, '').then(
        () => true,
        () => false,
      );
      if (allowed) {
        await rejects(() => listed(dir, 'val', { p: 'p' }), /was listed but cannot be found: .*not valid UTF-8/);
      }
    });
  });

  it('takes a pipe for another file and does not wait for it', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/p/a.png': '' });
      if (process.platform === 'win32') {
        return;
      }
      execFileSync('mkfifo', [join(dir, 'val/p/pipe.png')]);
      const { images, ignored } = await listSplit(await openRoot(dir), 'val', { p: 'p' });
      assert.equal([images.length, ignored.otherFiles], [1, 1]);
    });
  });
});
