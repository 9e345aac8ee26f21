import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { makeDemoImages } from '../../../scripts/demo/images.ts';
import { describe } from '../../describe.ts';
import { rejects } from '../../throws.ts';

const small = { trainPerClass: 8, valPerClass: 8 };

async function inTempDir(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-images-'));
  try {
    await run(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Relative path to content hash, for every image of the folder, in order. */
async function hashes(dir: string): Promise<Map<string, string>> {
  const names = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.png'));
  const found = new Map<string, string>();
  for (const name of names.toSorted()) {
    const bytes = await readFile(join(dir, name));
    found.set(name, createHash('sha256').update(bytes).digest('hex'));
  }
  return found;
}

describe('makeDemoImages', (it) => {
  it('makes the same files from the same seed and others from another', async () => {
    await inTempDir(async (dir) => {
      for (const [name, seed] of Object.entries({ first: 1, again: 1, other: 2 })) {
        await makeDemoImages(join(dir, name), { ...small, seed });
      }
      const first = await hashes(join(dir, 'first'));
      assert.is(first.size, 32);
      assert.equal(await hashes(join(dir, 'again')), first);
      const other = new Set((await hashes(join(dir, 'other'))).values());
      assert.not.ok([...first.values()].some((hash) => other.has(hash)));
    });
  });

  it('never makes the same image twice, in one split or in two', async () => {
    await inTempDir(async (dir) => {
      await makeDemoImages(dir, { trainPerClass: 60, valPerClass: 60 });
      const all = [...(await hashes(dir)).values()];
      assert.is(all.length, 240);
      assert.is(new Set(all).size, all.length);
    });
  });

  it('gives an image the same pixels however many are made beside it', async () => {
    await inTempDir(async (dir) => {
      await makeDemoImages(join(dir, 'few'), { trainPerClass: 1, valPerClass: 2 });
      await makeDemoImages(join(dir, 'more'), small);
      const more = await hashes(join(dir, 'more'));
      for (const [name, hash] of await hashes(join(dir, 'few'))) assert.is(more.get(name), hash, name);
    });
  });

  it('writes 128x128 RGB crops whose corners are black and whose middle is fruit', async () => {
    await inTempDir(async (dir) => {
      await makeDemoImages(dir, small);
      for (const name of (await hashes(dir)).keys()) {
        const { data, info } = await sharp(join(dir, name)).raw().toBuffer({ resolveWithObject: true });
        assert.equal([info.width, info.height, info.channels], [128, 128, 3], name);
        assert.equal([...data.subarray(0, 3)], [0, 0, 0], name);
        const middle = (64 * 128 + 64) * 3;
        assert.ok((data[middle] ?? 0) + (data[middle + 2] ?? 0) > 40, name);
      }
    });
  });

  it('leaves a finished folder alone', async () => {
    await inTempDir(async (dir) => {
      assert.equal(await makeDemoImages(dir, small), { made: true, images: 32 });
      const before = await stat(join(dir, 'val/pit/pit_00008.png'));
      assert.equal(await makeDemoImages(dir, small), { made: false, images: 32 });
      assert.is((await stat(join(dir, 'val/pit/pit_00008.png'))).mtimeMs, before.mtimeMs);
    });
  });

  it('makes a folder anew when an image is gone, the settings changed or it never finished', async () => {
    await inTempDir(async (dir) => {
      await makeDemoImages(dir, small);
      const whole = await hashes(dir);
      await rm(join(dir, 'train/clean/clean_00003.png'));
      assert.is((await makeDemoImages(dir, small)).made, true);
      assert.equal(await hashes(dir), whole);

      assert.is((await makeDemoImages(dir, { ...small, valPerClass: 5 })).made, true);
      assert.is((await hashes(dir)).size, 26);

      const manifest = await readFile(join(dir, 'manifest.json'), 'utf8');
      await writeFile(join(dir, 'manifest.json'), manifest.replace(/"hash": "\w+",/, ''));
      assert.is((await makeDemoImages(dir, small)).made, true);
      assert.equal(await hashes(dir), whole);
    });
  });

  it('refuses a folder that holds somebody else’s files, and deletes none of them', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'train'), 'mine');
      await rejects(() => makeDemoImages(dir, small), /folder of their own.*holds train/);
      await writeFile(join(dir, 'manifest.json'), '{"hash":"of something else"}');
      await rejects(() => makeDemoImages(dir, small), /folder of their own/);
      assert.is(await readFile(join(dir, 'train'), 'utf8'), 'mine');
    });
  });

  it('still draws the very images that the committed weights were judged on', async () => {
    const path = new URL('../../../scripts/demo/weights/expected.json', import.meta.url);
    const expected: unknown = JSON.parse(await readFile(path, 'utf8'));
    assert.ok(typeof expected === 'object' && expected !== null && 'example_pixels_sha256' in expected);
    await inTempDir(async (dir) => {
      await makeDemoImages(dir, small);
      const digest = createHash('sha256');
      for (const name of (await hashes(join(dir, 'val'))).keys()) {
        digest.update(
          await sharp(join(dir, 'val', name))
            .raw()
            .toBuffer(),
        );
      }
      assert.is(digest.digest('hex'), expected.example_pixels_sha256);
    });
  });
});
