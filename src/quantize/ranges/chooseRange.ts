import type { Recipe } from '../../records/recipe.ts';
import type { Range, ValueStatistics } from '../statistics.ts';
import { entropyRange } from './entropy.ts';
import { mseRange } from './mse.ts';
import { percentileRange } from './percentile.ts';

/**
 * The range of an activation by one of the calibration methods. It always holds 0, which padding and
 * ReLU need to be exact: numbers that are never negative get a range from 0. It never reaches beyond
 * what was observed, and numbers that are all 0 have the range 0 to 0, which `activationParams` takes.
 *
 * @param activations `s8` is symmetric, so that methods that cut do so by magnitude
 */
export function chooseRange(
  statistics: ValueStatistics,
  calibration: Recipe['calibration'],
  activations: Recipe['activations'],
): Range {
  const { min, max } = rangeBy(statistics, calibration, activations);
  return { min: Math.min(min, 0), max: Math.max(max, 0) };
}

function rangeBy(
  statistics: ValueStatistics,
  calibration: Recipe['calibration'],
  activations: Recipe['activations'],
): Range {
  switch (calibration) {
    case 'minmax':
      return statistics;
    case 'percentile_99.9':
      return percentileRange(statistics, 99.9, activations === 's8');
    case 'percentile_99.99':
      return percentileRange(statistics, 99.99, activations === 's8');
    case 'percentile_99.999':
      return percentileRange(statistics, 99.999, activations === 's8');
    case 'entropy':
      return entropyRange(statistics, activations);
    case 'mse':
      return mseRange(statistics, activations);
  }
}
