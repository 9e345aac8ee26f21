import { createHash } from 'node:crypto';
import { symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { auditDataset, type AuditedDataset } from '../../src/datasets/audit.ts';
import { MAX_IMAGE_BYTES } from '../../src/datasets/readImage.ts';
import { datasetAuditSchema } from '../../src/records/dataset.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { inTempDir, noisePng, pngThatClaims, writeFiles } from './fixtures.ts';

const CLASSES = { clean: 'c', pit: 'p' };

async function audit(root: string, split = 'val'): Promise<AuditedDataset> {
  const audited = await auditDataset({ root, split, classes: CLASSES, targetClass: 'pit' });
  datasetAuditSchema.parse(JSON.parse(JSON.stringify(audited.audit)));
  return audited;
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('auditDataset', (it) => {
  it('counts images per split and class, over all splits that hold a class folder', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, {
        'val/c/1.png': await noisePng(4, 4, 1),
        'val/p/2.png': await noisePng(4, 4, 2),
        'val/p/readme.md': '',
        'train/p/3.png': await noisePng(4, 4, 3),
        'notes/x/4.png': await noisePng(4, 4, 4),
      });
      const { audit: found, splitImages } = await audit(dir);
      assert.equal(found.splits, [
        {
          split: 'val',
          classes: [
            { class_name: 'clean', folder: 'c', images: 1, unreadable: 0 },
            { class_name: 'pit', folder: 'p', images: 1, unreadable: 0 },
          ],
          other_files: 1,
          other_pictures: 0,
          ignored_links: [],
        },
        {
          split: 'train',
          classes: [
            { class_name: 'clean', folder: 'c', images: 0, unreadable: 0 },
            { class_name: 'pit', folder: 'p', images: 1, unreadable: 0 },
          ],
          other_files: 0,
          other_pictures: 0,
          ignored_links: [],
        },
      ]);
      assert.equal([found.split, found.target_class], ['val', 'pit']);
      assert.equal(
        splitImages.map(({ id, className, readable }) => [id, className, readable]),
        [
          ['val/c/1.png', 'clean', true],
          ['val/p/2.png', 'pit', true],
        ],
      );
      assert.is(splitImages[0]?.contentHash, sha256(await noisePng(4, 4, 1)));
    });
  });

  it('finds duplicates in the split, leaks across splits and contradictory labels', async () => {
    await inTempDir(async (dir) => {
      const [twice, leaked, contradictory, elsewhere] = await Promise.all(
        [11, 12, 13, 14].map((seed) => noisePng(4, 4, seed)),
      );
      await writeFiles(dir, {
        'val/p/a.png': twice ?? '',
        'val/p/b.png': twice ?? '',
        'val/p/c.png': leaked ?? '',
        'train/p/d.png': leaked ?? '',
        'val/c/e.png': contradictory ?? '',
        'train/p/f.png': contradictory ?? '',
        'train/p/g.png': elsewhere ?? '',
        'train/p/h.png': elsewhere ?? '',
        'val/c/i.png': await noisePng(4, 4, 15),
      });
      const { audit: found } = await audit(dir);
      assert.equal(found.duplicates, { groups: 4, within_split: 1, leak: 2, contradictory: 1 });
      assert.equal(
        found.duplicate_groups.map(({ kinds, images }) => [kinds.join(), images.map(({ id }) => id).join()]),
        [
          ['leak', 'train/p/d.png,val/p/c.png'],
          ['leak,contradictory', 'train/p/f.png,val/c/e.png'],
          ['', 'train/p/g.png,train/p/h.png'],
          ['within_split', 'val/p/a.png,val/p/b.png'],
        ],
      );
      assert.is(found.duplicate_groups[0]?.content_hash, sha256(leaked ?? ''));
      assert.equal(found.leaked_ids, ['val/c/e.png', 'val/p/c.png']);
    });
  });

  it('lists what cannot be used with its reason, and goes on', async () => {
    await inTempDir(async (dir) => {
      const png = await noisePng(4, 4, 1);
      await writeFiles(dir, {
        'val/c/good.png': png,
        'val/p/good.png': await noisePng(4, 4, 2),
        'val/p/bomb.png': await pngThatClaims(30000, 30000),
        'val/p/cut.png': png.subarray(0, 20),
        'val/p/empty.png': '',
        'val/p/large.png': 'x',
        'val/p/text.png': 'no picture',
        'train/p/empty.png': '',
      });
      await truncate(join(dir, 'val/p/large.png'), MAX_IMAGE_BYTES + 1);
      const { audit: found, splitImages } = await audit(dir);
      assert.equal(
        found.unreadable.map(({ id, kind }) => [id, kind]),
        [
          ['val/p/bomb.png', 'too_many_pixels'],
          ['val/p/cut.png', 'broken'],
          ['val/p/empty.png', 'empty'],
          ['val/p/large.png', 'too_large'],
          ['val/p/text.png', 'not_an_image'],
          ['train/p/empty.png', 'empty'],
        ],
      );
      assert.match(found.unreadable[0]?.detail ?? '', /30000 x 30000/);
      assert.is(found.splits[0]?.classes[1]?.unreadable, 5);
      assert.is(found.duplicates.groups, 0);
      assert.equal(
        splitImages.filter(({ readable }) => readable).map(({ id }) => id),
        ['val/c/good.png', 'val/p/good.png'],
      );
      assert.is(splitImages.find(({ id }) => id === 'val/p/large.png')?.contentHash, undefined);
      assert.is(splitImages.find(({ id }) => id === 'val/p/text.png')?.contentHash, sha256('no picture'));
    });
  });

  it('stops when a class has no image that can be used', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/c/a.png': await noisePng(4, 4), 'val/p/b.png': '', 'val/p/c.png': 'text' });
      await rejects(
        () => audit(dir),
        /not one of the 2 images of class `pit` can be used; the first: val\/p\/b\.png .*0 bytes; replace or remove/,
      );
    });
  });

  it('counts the sizes and lists the images that differ from the most common one', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, {
        'val/c/a.png': await noisePng(4, 6, 1),
        'val/c/b.png': await noisePng(4, 6, 2),
        'val/p/c.png': await noisePng(6, 4, 3),
        'train/p/d.png': await noisePng(4, 6, 4),
      });
      const { audit: found } = await audit(dir);
      assert.equal(found.sizes, [
        { height: 6, width: 4, images: 3 },
        { height: 4, width: 6, images: 1 },
      ]);
      assert.equal(found.odd_sizes, [{ id: 'val/p/c.png', split: 'val', class_name: 'pit', width: 6, height: 4 }]);
    });
  });

  it('does not take a link to the same split for another one', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/c/a.png': await noisePng(4, 4, 1), 'val/p/b.png': await noisePng(4, 4, 2) });
      await symlink(join(dir, 'val'), join(dir, 'valid'));
      const { audit: found } = await audit(dir);
      assert.equal(
        found.splits.map(({ split }) => split),
        ['val'],
      );
      assert.equal(found.leaked_ids, []);
    });
  });

  it('looks for the siblings of a nested split beside it', async () => {
    await inTempDir(async (dir) => {
      const png = await noisePng(4, 4, 1);
      await writeFiles(dir, {
        'fold1/val/c/a.png': png,
        'fold1/val/p/b.png': await noisePng(4, 4, 2),
        'fold1/train/c/c.png': png,
      });
      const { audit: found } = await audit(dir, './fold1/val');
      assert.equal(
        found.splits.map(({ split }) => split),
        ['fold1/val', 'fold1/train'],
      );
      assert.equal(found.leaked_ids, ['fold1/val/c/a.png']);
    });
  });

  it('makes a fingerprint of ids, classes and contents of the evaluated split only', async () => {
    await inTempDir(async (dir) => {
      const [a, b] = [await noisePng(4, 4, 1), await noisePng(4, 4, 2)];
      await writeFiles(dir, { 'val/c/a.png': a, 'val/p/b.png': b });
      const before = (await audit(dir)).audit.fingerprint;
      const expected = `val/c/a.png\0clean\0${sha256(a)}\nval/p/b.png\0pit\0${sha256(b)}\n`;
      assert.is(before, sha256(expected));
      await writeFiles(dir, { 'train/p/x.png': b, 'val/p/notes.txt': '' });
      assert.is((await audit(dir)).audit.fingerprint, before);
      await writeFiles(dir, { 'val/p/c.png': '' });
      assert.not.equal((await audit(dir)).audit.fingerprint, before);
    });
  });

  it('reports progress file by file', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/c/a.png': await noisePng(4, 4, 1), 'val/p/b.png': await noisePng(4, 4, 2) });
      const steps: number[][] = [];
      const input = { root: dir, split: 'val', classes: CLASSES, targetClass: 'pit' };
      await auditDataset(input, (done, total) => steps.push([done, total]));
      assert.equal(steps, [
        [1, 2],
        [2, 2],
      ]);
    });
  });
});
