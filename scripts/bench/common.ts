import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Preprocessing, Size } from '../../src/config/preprocessing.ts';

/** Where a benchmark finds its models and images. */
export interface BenchInputs {
  /** NAME.onnx files of classifiers that take 1x3x128x128, RGB / 255. */
  readonly modelsDir: string;
  /** A labelled image folder with a `val` split. */
  readonly dataDir: string;
}

/** The models every benchmark knows, as the demo makes them and the line has them. */
export const MODELS = ['resnet18', 'resnet50', 'convnextv2_tiny'] as const;

export const INPUT_SIZE: Size = { height: 128, width: 128 };

export const PREPROCESSING: Preprocessing = {
  resize: 'none',
  resizeTo: undefined,
  crop: 'none',
  interpolation: 'linear',
  scale: 1 / 255,
  mean: undefined,
  std: undefined,
  channelOrder: 'rgb',
};

/** `--models DIR --data DIR`; the demo's by default. */
export const BENCH_OPTIONS = {
  models: { type: 'string', default: 'models/demo' },
  data: { type: 'string', default: 'datasets/demo' },
} as const;

/** Reads the options that every benchmark takes. */
export function benchInputs(): BenchInputs {
  const { values } = parseArgs({ options: BENCH_OPTIONS });
  return { modelsDir: values.models, dataDir: values.data };
}

/** Up to `count` images of the validation split, the classes in turn. */
export async function validationImages(dataDir: string, count: number): Promise<string[]> {
  const split = join(dataDir, 'val');
  const classes = (await readdir(split)).toSorted();
  const lists = await Promise.all(
    classes.map(async (name) => (await readdir(join(split, name))).toSorted().map((file) => join(split, name, file))),
  );
  const longest = Math.max(...lists.map((list) => list.length));
  const inTurn = Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat();
  return inTurn.slice(0, count);
}

/** The benchmark's last line, for machines. */
export function report(bench: string, figures: Record<string, unknown>): void {
  console.log(JSON.stringify({ bench, figures }));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) {
    throw new Error('the median of nothing');
  }
  return (low + high) / 2;
}
