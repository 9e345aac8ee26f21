import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { QuantizeJob } from '../../src/quantize/job.ts';
import type { Recipe } from '../../src/records/recipe.ts';
import { AS_IS, noisePng } from '../datasets/fixtures.ts';
import { RECIPE } from './recipe.ts';

/** Noise of the fixtures' input size; enough of it that MinMax knows the ranges. */
export async function jobOf(dir: string, modelPath: string, changes: Partial<Recipe> = {}): Promise<QuantizeJob> {
  const images = [];
  for (let seed = 1; seed <= 8; seed += 1) {
    const png = await noisePng(32, 32, seed * 7919);
    const path = join(dir, `${seed}.png`);
    await writeFile(path, png);
    images.push({ path, contentHash: createHash('sha256').update(png).digest('hex') });
  }
  return {
    modelPath,
    outPath: join(dir, 'int8.onnx'),
    recipe: { ...RECIPE, ...changes },
    images,
    preprocessing: AS_IS,
    inputSize: { height: 32, width: 32 },
    threads: 1,
    metadata: { 'beltbench.test': 'yes' },
  };
}
