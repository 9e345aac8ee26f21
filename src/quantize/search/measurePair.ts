import type { Preprocessing, Size } from '../../config/preprocessing.ts';
import { measureLatency, type LatencyJob } from '../../measure/latency.ts';
import { spreadIterations } from '../../measure/inputs.ts';
import type { Round } from '../../records/latency.ts';
import type { PairedRound } from '../../records/quantizationTrial.ts';
import { BeltbenchError } from '../../shared/errors.ts';

/** Two models that are timed in turns, and how. */
export interface LatencyPair {
  readonly referencePath: string;
  readonly variantPath: string;
  readonly threads: number;
  readonly inputSize: Size;
  readonly preprocessing: Preprocessing;
  readonly imagePaths: readonly string[];
  readonly outputs: 'logits' | 'probabilities' | 'auto';
  readonly seed: number;
}

/** A p99 with a 95 % bound takes 299 samples. */
export const TRIAL_ITERATIONS = 300;
/** An interval of the ratio takes 6 rounds. */
export const TRIAL_ROUNDS = 10;
export const TRIAL_WARMUP = 20;

/**
 * Times a variant beside its float model: a child process for each, and in each round a turn for
 * both, so that what the machine does meanwhile meets both alike.
 *
 * @param beforeTurn called before each turn with how many are done; `false` ends the session
 * @throws BeltbenchError when a model cannot be loaded or run, or `interrupted` when `beforeTurn` said so
 */
export async function measurePair(
  pair: LatencyPair,
  beforeTurn: (done: number, total: number) => boolean,
): Promise<PairedRound[]> {
  const taken = { reference: new Map<number, Round>(), variant: new Map<number, Round>() };
  const total = 2 * TRIAL_ROUNDS;
  const done = (): number => taken.reference.size + taken.variant.size;
  const of = (id: string): Map<number, Round> => (id === 'reference' ? taken.reference : taken.variant);
  await measureLatency(
    [jobOf('reference', pair.referencePath, pair), jobOf('variant', pair.variantPath, pair)],
    pair.seed,
    {
      beforeTurn: () => beforeTurn(done(), total),
      onLaunch: () => Promise.resolve(),
      onRound: (id, round) => {
        of(id).set(round.round, round);
        return Promise.resolve();
      },
      onFailure: (_, { message }) => Promise.reject(new BeltbenchError('inference_failed', message)),
    },
  );
  if (done() < total) {
    throw new BeltbenchError('interrupted', 'interrupted in the middle of a measurement; run the same command again');
  }
  return [...taken.reference].flatMap(([number, reference]) => {
    const variant = taken.variant.get(number);
    return variant === undefined
      ? []
      : [{ round: number, reference_ms: reference.samples_ms, variant_ms: variant.samples_ms }];
  });
}

function jobOf(id: string, modelPath: string, pair: LatencyPair): LatencyJob {
  return {
    id,
    open: {
      launch: 1,
      modelPath,
      threads: pair.threads,
      inputSize: pair.inputSize,
      preprocessing: pair.preprocessing,
      imagePaths: pair.imagePaths,
      batchSizes: [1],
      warmupIterations: TRIAL_WARMUP,
      // What the line does with the answer is not timed here.
      stageSettings: { outputs: pair.outputs, targetIndex: 0, maybeThreshold: 1, targetThreshold: 1 },
    },
    missingRounds: spreadIterations(TRIAL_ITERATIONS, TRIAL_ROUNDS).map((iterations, index) => ({
      round: index + 1,
      batchSize: 1,
      iterations,
    })),
  };
}
