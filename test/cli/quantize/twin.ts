import { writeFile } from 'node:fs/promises';
import { QUANTIZE_TOOLS, type QuantizeTools } from '../../../src/cli/quantize/tools.ts';
import { contentHashOf } from '../../../src/datasets/contentHash.ts';
import type { Recipe } from '../../../src/records/recipe.ts';

/** A world in which a test says what each recipe comes to. */
export interface Twin {
  /** How many images a recipe's file gets wrong; the float model gets all right. */
  readonly lostOf: (recipe: Recipe) => number;
  /** Latency, of the float model's 20 ms. */
  readonly ratioOf: (recipe: Recipe) => number;
  readonly failsOn?: (recipe: Recipe) => Error | undefined;
  /** The file at whose making the process dies, from 1. */
  readonly diesAt?: number;
  /** With it, the same recipe makes another file each time, of bytes that begin with this number. */
  readonly unsteadyFrom?: number;
}

const FLOAT_MS = 20;
const ROUNDS = 10;
const SAMPLES = 30;

/** Tools that make files of a twin world, and the recipes they were asked for. */
export function twinTools(twin: Twin): { tools: QuantizeTools; made: Recipe[] } {
  const made: Recipe[] = [];
  const byFile = new Map<string, Recipe>();
  const tools: QuantizeTools = {
    ...QUANTIZE_TOOLS,
    quantizeModel: async ({ recipe, outPath }) => {
      made.push(recipe);
      const failure = made.length === twin.diesAt ? new Error('killed') : twin.failsOn?.(recipe);
      if (failure !== undefined) {
        throw failure;
      }
      const bytes = Buffer.from(
        JSON.stringify([recipe, twin.unsteadyFrom === undefined ? 0 : twin.unsteadyFrom + made.length]),
      );
      await writeFile(outPath, bytes);
      byFile.set(outPath, recipe);
      return {
        sha256: contentHashOf(bytes),
        sizeBytes: bytes.length,
        sourceSha256: 'a'.repeat(64),
        passes: [],
        kernels: { QGemm: 1 },
        nodes: [{ node: 'up', kernel: 'QGemm' }],
        constantNodes: [],
        leftFloat: [{ node: 'dw', reason: 'the recipe keeps depthwise convolutions float' }],
        int8MultiplyAddShare: 0.5,
        profile: { threads: 1, operators: [{ operator: 'QGemm', ms: 1, share: 1, nodes: 1 }] },
        seconds: { rewrite: 0, calibrate: 0, write: 0, prove: 0, profile: 0 },
      };
    },
    worstLayers: () => Promise.resolve(['worst', 'bad']),
    evaluateModel: ({ open, classes, labels }) => {
      const recipe = byFile.get(open.modelPath);
      const lost = recipe === undefined ? 0 : twin.lostOf(recipe);
      const ids = open.items.map(({ id }) => id);
      const truth = ids.map((id) => labels.get(id) ?? '');
      const probabilities = truth.map((label, index) =>
        classes.map((name) => ((name === label) === index >= lost ? 0.75 : 0.25)),
      );
      const hashes = ids.map((id) => contentHashOf(Buffer.from(id)));
      return Promise.resolve({
        predictions: {
          schema: 'beltbench/predictions' as const,
          version: 1 as const,
          classes: [...classes],
          ids,
          content_hashes: hashes,
          labels: truth,
          probabilities,
        },
        softmax: { applied: false, decidedBy: 'card' as const },
        skipped: [],
        imagesPerSecond: 1000,
      });
    },
    measurePair: ({ variantPath }) => {
      const recipe = byFile.get(variantPath);
      const ratio = recipe === undefined ? 1 : twin.ratioOf(recipe);
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
