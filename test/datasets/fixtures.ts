import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import type { Preprocessing } from '../../src/config/preprocessing.ts';
import type { RgbImage } from '../../src/datasets/decode.ts';

/** Runs `run` in a new temporary folder and removes it, whatever happens. */
export async function inTempDir(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-datasets-'));
  try {
    await run(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Writes files (path below `dir` to content) with the folders they need. */
export async function writeFiles(dir: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
}

/** RGB noise of Marsaglia's xorshift32, so that a reference program can make the same. */
export function noise(width: number, height: number, seed = 123_456_789): RgbImage {
  const data = new Uint8Array(width * height * 3);
  let state = seed;
  for (let i = 0; i < data.length; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[i] = state & 255;
  }
  return { name: 'noise', width, height, data };
}

export function toSharp({ data, width, height }: RgbImage): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

export async function noisePng(width: number, height: number, seed?: number): Promise<Buffer> {
  return await toSharp(noise(width, height, seed))
    .png()
    .toBuffer();
}

/** A small PNG whose header claims `width` x `height` pixels, with a valid checksum. */
export async function pngThatClaims(width: number, height: number): Promise<Buffer> {
  const png = await noisePng(4, 4);
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt32BE(crc32Of(png.subarray(12, 29)), 29);
  return png;
}

export const AS_IS: Preprocessing = {
  resize: 'none',
  resizeTo: undefined,
  crop: 'none',
  interpolation: 'linear',
  scale: 1 / 255,
  mean: undefined,
  std: undefined,
  channelOrder: 'rgb',
};

/** The checksum of a PNG chunk; `zlib.crc32` is younger than the Node that is asked for. */
function crc32Of(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}
