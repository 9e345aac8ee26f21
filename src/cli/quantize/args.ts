import { BeltbenchError } from '../../shared/errors.ts';
import type { CommonArgs } from '../io.ts';

/** What `quantize` is called with; the recipe's flags are read by their names. */
export interface QuantizeArgs extends CommonArgs {
  readonly model: string;
  readonly calibration: string;
  readonly out: string | undefined;
  readonly card: string | undefined;
  readonly force: boolean;
  readonly threads: number | undefined;
  readonly recipe: string | undefined;
  readonly images: number | undefined;
  readonly seed: number | undefined;
  readonly search: boolean;
  readonly check: boolean;
  readonly evaluation: string | undefined;
  readonly maxAccuracyDrop: number | undefined;
  readonly targetP99Ms: number | undefined;
  readonly maxTrials: number | undefined;
}

export const DEFAULT_IMAGES = 200;
export const DEFAULT_SEED = 1;
export const DEFAULT_DROP_POINTS = 0.5;
export const DEFAULT_TRIALS = 24;

const OF_SEARCH = [
  ['maxAccuracyDrop', '--max-accuracy-drop'],
  ['targetP99Ms', '--target-p99-ms'],
  ['maxTrials', '--max-trials'],
  ['check', '--check'],
] as const;

/** @throws BeltbenchError `bad_usage` for an option of the search without the search: it would be ignored */
export function assertNotInVain(args: QuantizeArgs): void {
  const vain = OF_SEARCH.find(([key]) => args[key] !== undefined && args[key] !== false);
  if (vain !== undefined && !args.search) {
    throw new BeltbenchError(
      'bad_usage',
      `${vain[1]} is an option of the search and says nothing without it; add --search or leave it out`,
    );
  }
}
