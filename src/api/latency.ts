import { z } from 'zod';
import { assessMissRate, type MissRateAssessment } from '../stats/missRate.ts';
import { sortSamples, tailQuantile, type TailQuantile } from '../stats/quantile.ts';
import { checkArgument, checkNumbers } from './checkArgument.ts';
import { confidenceOption, openShare } from './options.ts';

export interface QuantileOptions {
  /** The quantile: 0.99 for p99. */
  readonly p: number;
  /** Of the one-sided upper bound; default 0.95. */
  readonly confidence?: number | undefined;
}

const quantileOptions = z.strictObject({ p: openShare, confidence: confidenceOption });

/**
 * A quantile of latencies, a value that was really observed, with its distribution-free upper bound.
 *
 * @returns `state: 'measured'`, or `'not enough samples'` with how many it takes: 299 for p99 at 95 %
 * @throws BeltbenchError `bad_usage` when the samples are no finite numbers or an option is out of range
 */
export function quantileWithBound(samplesMs: ArrayLike<number>, options: QuantileOptions): TailQuantile {
  const { p, confidence } = checkArgument('quantileWithBound', quantileOptions, options);
  return tailQuantile(sortSamples(checkNumbers('quantileWithBound', 'samplesMs', samplesMs)), p, confidence);
}

export interface BudgetOptions {
  /** A sample above it is late. */
  readonly budgetMs: number;
  /** The share of items that must meet the budget; default 0.99. */
  readonly requiredShare?: number | undefined;
  /** Of each one-sided statement; default 0.95. */
  readonly confidence?: number | undefined;
}

const budgetOptions = z.strictObject({
  budgetMs: z.number().positive(),
  requiredShare: openShare.default(0.99),
  confidence: confidenceOption,
});

export type BudgetAssessment = MissRateAssessment & { readonly late: number; readonly n: number };

/**
 * Whether enough items meet the budget. The samples must be independent, and none left out.
 *
 * @returns PASS: proven. FAIL: refuted. NOT_ENOUGH_DATA: neither, with how many more samples would prove it if none was late
 * @throws BeltbenchError `bad_usage` when the samples are no finite numbers or an option is out of range
 */
export function assessBudget(samplesMs: ArrayLike<number>, options: BudgetOptions): BudgetAssessment {
  const { budgetMs, ...question } = checkArgument('assessBudget', budgetOptions, options);
  const samples = checkNumbers('assessBudget', 'samplesMs', samplesMs);
  const late = samples.reduce((count, sample) => (sample > budgetMs ? count + 1 : count), 0);
  const n = samples.length;
  return { late, n, ...assessMissRate({ misses: late, n, ...question }) };
}
