import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { OpenParams } from '../../src/measure/turn.ts';
import { besideModule, startIsolate, type Isolate } from '../../src/runtime/isolate.ts';
import { AS_IS } from '../datasets/fixtures.ts';

export type Colour = readonly [red: number, green: number, blue: number];

/** A folder with a model and images, one of each colour. */
export interface Bed {
  readonly dir: string;
  readonly modelPath: string;
  readonly imagePaths: readonly string[];
}

export async function solidPng([r, g, b]: Colour, side = 8): Promise<Buffer> {
  return await sharp({ create: { width: side, height: side, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();
}

/** Makes the folder, runs `use` and removes it. */
export async function withBed(
  model: Uint8Array,
  colours: readonly Colour[],
  use: (bed: Bed) => Promise<void>,
  side = 8,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-measure-'));
  try {
    const modelPath = join(dir, 'model.onnx');
    await writeFile(modelPath, model);
    const imagePaths: string[] = [];
    for (const [index, colour] of colours.entries()) {
      const path = join(dir, `${index}.png`);
      await writeFile(path, await solidPng(colour, side));
      imagePaths.push(path);
    }
    await use({ dir, modelPath, imagePaths });
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** What the measuring child is opened with, for images of 8 x 8 unless said otherwise. */
export function openParams(bed: Bed, changes: Partial<OpenParams> = {}): OpenParams {
  return {
    launch: 1,
    modelPath: bed.modelPath,
    threads: 1,
    inputSize: { height: 8, width: 8 },
    preprocessing: AS_IS,
    imagePaths: bed.imagePaths,
    batchSizes: [1],
    warmupIterations: 2,
    stageSettings: { outputs: 'logits', targetIndex: 1, maybeThreshold: 0.5, targetThreshold: 0.75 },
    ...changes,
  };
}

export async function withLatencyChild(use: (child: Isolate) => Promise<void>): Promise<void> {
  const latency = new URL('../../src/measure/latency.ts', import.meta.url).href;
  const child = startIsolate(besideModule(latency, 'latencyChild'), 'the child');
  try {
    await use(child);
  } finally {
    await child.close();
  }
}

export const RED: Colour = [255, 0, 0];
export const GREEN: Colour = [0, 255, 0];
export const BLUE: Colour = [0, 0, 255];
