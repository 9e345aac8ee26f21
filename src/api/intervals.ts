import { z } from 'zod';
import { clopperPearson, wilson, type Interval } from '../stats/proportion.ts';
import { checkArgument } from './checkArgument.ts';
import { count, countOptions, type CountOptions } from './options.ts';

const kOfN = z.strictObject({ k: count, n: count }).refine(({ k, n }) => k <= n, 'expected k to be at most n');

/** `k` of `n` items. */
export interface Counts {
  readonly k: number;
  readonly n: number;
}

/**
 * Wilson's two-sided interval for a share, for display: near 0 and 1 it may cover less than it says.
 *
 * @returns `undefined` when n is 0
 * @throws BeltbenchError `bad_usage` for anything but counts, or an option out of range
 */
export function wilsonInterval(counts: Counts, options?: CountOptions): Interval | undefined {
  const { k, n } = checkArgument('wilsonInterval', kOfN, counts);
  return wilson(k, n, checkArgument('wilsonInterval', countOptions, options).confidence);
}

/**
 * The exact two-sided interval for a share (Clopper-Pearson), for every claim of safety.
 *
 * @returns `undefined` when n is 0
 * @throws BeltbenchError `bad_usage` for anything but counts, or an option out of range
 */
export function exactInterval(counts: Counts, options?: CountOptions): Interval | undefined {
  const { k, n } = checkArgument('exactInterval', kOfN, counts);
  return clopperPearson(k, n, checkArgument('exactInterval', countOptions, options).confidence);
}
