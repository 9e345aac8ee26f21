// The demo's images: `npx tsx scripts/demo/images.ts --out DIR` writes DIR/<split>/<class>/*.png.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { BeltbenchError } from '../../src/shared/errors.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { writeAtomic } from '../../src/store/atomicFile.ts';
import { imageSize } from './canvas.ts';
import { drawFruit, fruitClasses } from './fruit.ts';
import type { FruitClass } from './fruit.ts';

const splits = ['train', 'val'] as const;
type Split = (typeof splits)[number];

export interface DemoImagesOptions {
  /** Any whole number; other seeds give other images. */
  seed?: number;
  trainPerClass?: number;
  valPerClass?: number;
}

const defaults: Required<DemoImagesOptions> = { seed: 6, trainPerClass: 2000, valPerClass: 650 };
const manifestName = 'manifest.json';
const about = 'demo: synthetic images, made by scripts/demo/images.ts';
const sources = ['images.ts', 'fruit.ts', 'canvas.ts', '../../src/stats/prng.ts'];

/**
 * Makes the demo's labelled crops: OUT/{train,val}/{clean,pit}/*.png, 128x128 RGB. Every image has
 * a seed of its own, so that no image stands in two splits. OUT/manifest.json is written last and
 * carries the hash of everything the pixels depend on; a folder whose manifest has that hash and
 * whose files are all there is left alone, any other is made anew.
 *
 * Throws `cannot_write` when OUT holds files that are not this generator's: it would delete them.
 *
 * @returns whether anything was made, and how many images there are now.
 */
export async function makeDemoImages(
  outDir: string,
  options: DemoImagesOptions = {},
): Promise<{ made: boolean; images: number }> {
  const settings = { ...defaults, ...options };
  const hash = await hashOfGenerator(settings);
  const perClass: Record<Split, number> = { train: settings.trainPerClass, val: settings.valPerClass };
  const images = fruitClasses.length * (settings.trainPerClass + settings.valPerClass);
  if (await isUpToDate(outDir, hash, perClass)) return { made: false, images };

  await clear(outDir);
  await writeManifest(outDir, { state: 'making' });
  for (const [splitIndex, split] of splits.entries()) {
    for (const [classIndex, fruitClass] of fruitClasses.entries()) {
      const folder = join(outDir, split, fruitClass);
      await mkdir(folder, { recursive: true });
      const group = splitIndex * fruitClasses.length + classIndex;
      await eachOf(perClass[split], async (number) => {
        const random = mulberry32(imageSeed(settings.seed, group, number));
        await writePng(join(folder, fileName(fruitClass, number)), drawFruit(random, fruitClass));
      });
    }
  }
  await writeManifest(outDir, { state: 'complete', hash, settings, images });
  return { made: true, images };
}

/** Distinct for distinct images: an odd factor permutes the 32-bit numbers. */
function imageSeed(seed: number, group: number, number: number): number {
  return Math.imul(0x9e3779b1, (seed * fruitClasses.length * splits.length + group) * 100_000 + number);
}

function fileName(fruitClass: FruitClass, number: number): string {
  return `${fruitClass}_${String(number).padStart(5, '0')}.png`;
}

async function writePng(path: string, pixels: Uint8Array): Promise<void> {
  const image = sharp(pixels, { raw: { width: imageSize, height: imageSize, channels: 3 } });
  await image.png({ compressionLevel: 2 }).toFile(path);
}

/** Runs `make` for 1 to `count`, a few at a time: drawing takes this thread, encoding sharp's. */
async function eachOf(count: number, make: (number: number) => Promise<void>): Promise<void> {
  const atATime = 8;
  for (let done = 0; done < count; done += atATime) {
    const batch = Array.from({ length: Math.min(atATime, count - done) }, (_, offset) => make(done + offset + 1));
    await Promise.all(batch);
  }
}

async function hashOfGenerator(settings: Required<DemoImagesOptions>): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(await readFile(fileURLToPath(new URL(source, import.meta.url))));
  return hash.update(JSON.stringify([settings, sharp.versions])).digest('hex');
}

/** The folder's manifest, or undefined when it has none or somebody else's. */
async function readManifest(outDir: string): Promise<{ hash: unknown } | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(outDir, manifestName), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null) return undefined;
    if (!('about' in manifest) || manifest.about !== about) return undefined;
    return { hash: 'hash' in manifest ? manifest.hash : undefined };
  } catch {
    return undefined;
  }
}

async function writeManifest(outDir: string, manifest: object): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeAtomic(join(outDir, manifestName), `${JSON.stringify({ about, ...manifest }, undefined, 2)}\n`);
}

async function isUpToDate(outDir: string, hash: string, perClass: Record<Split, number>): Promise<boolean> {
  const manifest = await readManifest(outDir);
  if (manifest?.hash !== hash) return false;
  for (const split of splits) {
    for (const fruitClass of fruitClasses) {
      if ((await namesIn(join(outDir, split, fruitClass))).length !== perClass[split]) return false;
    }
  }
  return true;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

/** Removes an earlier generation, and only that: a folder without our manifest must be empty. */
async function clear(outDir: string): Promise<void> {
  const [first] = await namesIn(outDir);
  if (first !== undefined && (await readManifest(outDir)) === undefined) {
    const way = 'choose an empty folder or empty it yourself';
    throw new BeltbenchError(
      'cannot_write',
      `demo images need a folder of their own; ${outDir} holds ${first}: ${way}`,
    );
  }
  for (const split of splits) await rm(join(outDir, split), { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: 'datasets/demo' } } });
  const startMs = performance.now();
  const { made, images } = await makeDemoImages(values.out);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`${made ? 'made' : 'kept'} ${images} demo images (synthetic) in ${values.out}, ${seconds} s`);
}
