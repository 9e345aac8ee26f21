import type { MadeModel } from '../../../src/records/quantization.ts';
import type { TrialRecord } from '../../../src/records/quantizationTrial.ts';
import type { Recipe } from '../../../src/records/recipe.ts';
import type { SearchGoals } from '../../../src/quantize/search/judge.ts';

export const GOALS: SearchGoals = { maxAccuracyDropPoints: 0.5, targetP99Ms: undefined, maxTrials: 100 };

export const MADE: MadeModel = {
  sha256: 'a'.repeat(64),
  size_bytes: 1000,
  passes: [{ name: 'rewrite_grn', exact: true, rewritten: 3, left_alone: [] }],
  kernels: { QGemm: 4 },
  nodes: ['a', 'b', 'c', 'd'].map((node) => ({ node, kernel: 'QGemm' })),
  left_float: [{ node: 'dw', reason: 'the recipe keeps depthwise convolutions float' }],
  int8_multiply_add_share: 0.9,
  profile: { threads: 1, operators: [] },
  seconds: { rewrite: 1, calibrate: 1, write: 1, prove: 1, profile: 1 },
};

/** What a recipe comes to in a world that a test makes up. */
export interface Truth {
  /** Right answers lost and won against the float model, of `IMAGES`. */
  readonly lost?: number;
  readonly won?: number;
  /** Of the float model's 20 ms. */
  readonly ratio?: number;
  /** Half the spread of the rounds' ratios. */
  readonly noise?: number;
  readonly failure?: string;
}

export const IMAGES = 1000;
const FLOAT_MS = 20;

/** A trial's record as the bench would make it. */
export function trialOf(
  recipe: Recipe,
  { lost = 0, won = 0, ratio = 0.5, noise = 0.001, failure }: Truth,
): TrialRecord {
  const hash = '0'.repeat(64);
  const keyParts = {
    source: hash,
    calibration: hash,
    evaluation: hash,
    settings: hash,
    host_class: hash,
    recipe: hash,
  };
  const common = {
    schema: 'beltbench/quantization-trial',
    version: 1,
    record_id: `trial-${JSON.stringify(recipe)}`,
    trial_key: hash,
    key_parts: keyParts,
    tool_version: '0',
    runtime: 'none',
    started_at: '2025-01-01T00:00:00.000Z',
    finished_at: '2025-01-01T00:00:00.000Z',
    recipe,
  } as const;
  if (failure !== undefined) {
    return { ...common, status: 'failed', failure, model: null, accuracy: null, latency: null };
  }
  return {
    ...common,
    status: 'finished',
    failure: null,
    model: MADE,
    accuracy: {
      images: IMAGES,
      reference_correct: 900,
      variant_correct: 900 - lost + won,
      only_reference_correct: lost,
      only_variant_correct: won,
      flips: lost + won,
      target_misses: null,
    },
    latency: { threads: 1, rounds: roundsOf(ratio, noise) },
  };
}

function roundsOf(ratio: number, noise: number) {
  return Array.from({ length: 10 }, (_, index) => {
    const shift = noise * ((index % 5) / 2 - 1);
    return {
      round: index + 1,
      reference_ms: Array.from({ length: 30 }, () => FLOAT_MS),
      variant_ms: Array.from({ length: 30 }, () => FLOAT_MS * (ratio + shift)),
    };
  });
}
