import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { auditDataset } from '../../src/datasets/audit.ts';
import { MAX_IMAGE_BYTES } from '../../src/datasets/readImage.ts';
import { splitFingerprint } from '../../src/datasets/splitFingerprint.ts';
import { describe } from '../describe.ts';
import { inTempDir, noisePng, writeFiles } from './fixtures.ts';

const CLASSES = { clean: 'c', pit: 'p' };

describe('splitFingerprint', (it) => {
  it('is that of the audit, also with images that are broken or too large to be read', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, {
        'val/c/1.png': await noisePng(4, 4, 1),
        'val/c/broken.png': 'no image',
        'val/p/2.png': await noisePng(4, 4, 2),
        'val/p/large.png': '',
        'train/p/3.png': await noisePng(4, 4, 3),
      });
      await truncate(join(dir, 'val/p/large.png'), MAX_IMAGE_BYTES + 1);
      const { audit } = await auditDataset({ root: dir, split: 'val', classes: CLASSES, targetClass: 'pit' });
      assert.equal(await splitFingerprint(dir, 'val', CLASSES), { fingerprint: audit.fingerprint, images: 4 });
    });
  });
});
