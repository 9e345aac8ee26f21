import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createPreprocess } from '../../src/datasets/preprocess.ts';
import { startPreprocessThread } from '../../src/datasets/preprocessThread.ts';
import { UnreadableImage } from '../../src/datasets/unreadableImage.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { AS_IS, inTempDir, noisePng, writeFiles } from './fixtures.ts';

const size = { height: 4, width: 4 };

describe('startPreprocessThread', (it) => {
  it('answers what the same work on this thread answers, each question its own image', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'a.png': await noisePng(4, 4, 1), 'b.png': await noisePng(4, 4, 2) });
      const thread = startPreprocessThread({ spec: AS_IS, size });
      try {
        const paths = [join(dir, 'b.png'), join(dir, 'a.png')];
        const here = createPreprocess(AS_IS, size);
        assert.equal(await Promise.all(paths.map(thread.load)), await Promise.all(paths.map(here)));
      } finally {
        await thread.close();
      }
    });
  });

  it('tells an image that cannot be used with its kind, and a size that does not suit the card', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'text.png': 'hello', 'wide.png': await noisePng(9, 4) });
      const thread = startPreprocessThread({ spec: AS_IS, size });
      try {
        const thrown: unknown = await thread.load(join(dir, 'text.png')).catch((error: unknown) => error);
        assert.ok(thrown instanceof UnreadableImage);
        assert.is(thrown.kind, 'not_an_image');
        await rejects(() => thread.load(join(dir, 'wide.png')), /9 x 4/);
      } finally {
        await thread.close();
      }
    });
  });

  it('rejects what is asked of it after its end instead of waiting for ever', async () => {
    const thread = startPreprocessThread({ spec: AS_IS, size });
    const underWay: unknown = thread.load('/nowhere/a.png').catch((error: unknown) => error);
    await thread.close();
    assert.ok((await underWay) instanceof Error);
    assert.ok((await thread.load('/nowhere/a.png').catch((error: unknown) => error)) instanceof Error);
  });
});
