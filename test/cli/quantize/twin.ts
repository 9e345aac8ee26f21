import { writeFile } from 'node:fs/promises';
import { QUANTIZE_TOOLS, type QuantizeTools } from '../../../src/cli/quantize/tools.ts';
import { contentHashOf } from '../../../src/datasets/contentHash.ts';
import { encodeModel } from '../../../src/onnx/write.ts';
import type { Recipe } from '../../../src/records/recipe.ts';
import { floats } from '../../onnx/build.ts';
import { redNet } from './redNet.ts';

/** A world in which a test says what each recipe comes to. */
export interface Twin {
  /** How far a recipe moves the model's threshold; 0.2 makes it call half the images wrong. */
  readonly shiftOf: (recipe: Recipe) => number;
  /** Latency, of the float model's 20 ms. */
  readonly ratioOf: (recipe: Recipe) => number;
  readonly failsOn?: (recipe: Recipe) => Error | undefined;
  /** The file at whose making the process dies, from 1. */
  readonly diesAt?: number;
}

const FLOAT_MS = 20;
const ROUNDS = 10;
const SAMPLES = 30;

/** Tools that make files of a twin world, and the recipes they were asked for. */
export function twinTools({ shiftOf, ratioOf, failsOn, diesAt }: Twin): { tools: QuantizeTools; made: Recipe[] } {
  const made: Recipe[] = [];
  const byFile = new Map<string, Recipe>();
  const tools: QuantizeTools = {
    ...QUANTIZE_TOOLS,
    quantizeModel: async ({ recipe, outPath }) => {
      made.push(recipe);
      const failure = made.length === diesAt ? new Error('killed') : failsOn?.(recipe);
      if (failure !== undefined) {
        throw failure;
      }
      const proto = redNet(40, shiftOf(recipe));
      // So that every recipe has its own file.
      proto.graph?.initializer.push(floats(`unused ${JSON.stringify(recipe)}`, [1]));
      const bytes = encodeModel(proto);
      await writeFile(outPath, bytes);
      byFile.set(outPath, recipe);
      return {
        sha256: contentHashOf(bytes),
        sizeBytes: bytes.length,
        sourceSha256: 'a'.repeat(64),
        passes: [],
        kernels: { QGemm: 1 },
        leftFloat: [{ node: 'dw', reason: 'the recipe keeps depthwise convolutions float' }],
        int8MultiplyAddShare: 0.5,
        seconds: { rewrite: 0, calibrate: 0, write: 0, prove: 0 },
      };
    },
    worstLayers: () => Promise.resolve(['worst', 'bad']),
    measurePair: ({ variantPath }) => {
      const recipe = byFile.get(variantPath);
      const ratio = recipe === undefined ? 1 : ratioOf(recipe);
      return Promise.resolve(
        Array.from({ length: ROUNDS }, (_, index) => ({
          round: index + 1,
          reference_ms: new Array<number>(SAMPLES).fill(FLOAT_MS),
          variant_ms: new Array<number>(SAMPLES).fill(FLOAT_MS * ratio * (1 + index / 1e6)),
        })),
      );
    },
  };
  return { tools, made };
}
