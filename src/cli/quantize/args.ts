import { BeltbenchError } from '../../shared/errors.ts';
import type { ParsedArgs } from '../io.ts';

/** What `quantize` works with, every default filled in; the recipe's flags are read by their names. */
export interface QuantizeArgs extends ParsedArgs {
  readonly model: string;
  readonly calibration: string;
  readonly images: number;
  readonly seed: number;
  readonly force: boolean;
  readonly search: boolean;
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
export function quantizeArgsOf(parsed: ParsedArgs): QuantizeArgs {
  const args: QuantizeArgs = {
    ...parsed,
    model: parsed.model ?? '',
    calibration: parsed.calibration ?? '',
    images: parsed.images ?? DEFAULT_IMAGES,
    seed: parsed.seed ?? DEFAULT_SEED,
    force: parsed.force === true,
    search: parsed.search === true,
  };
  const vain = OF_SEARCH.find(([key]) => args[key] !== undefined && args[key] !== false);
  if (vain !== undefined && !args.search) {
    throw new BeltbenchError(
      'bad_usage',
      `${vain[1]} is an option of the search and says nothing without it; add --search or leave it out`,
    );
  }
  return args;
}
