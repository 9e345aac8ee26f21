import * as assert from 'uvu/assert';
import { activationParams } from '../../../src/quantize/activationParams.ts';
import { chooseRange } from '../../../src/quantize/ranges/chooseRange.ts';
import { CALIBRATIONS } from '../../../src/records/recipe.ts';
import { describe } from '../../describe.ts';
import { heavyTailed, oneSided, skewed, statisticsOf } from './distributions.ts';

const TYPES = ['u8', 's8'] as const;

describe('chooseRange', (it) => {
  it('takes all that was observed for minmax', () => {
    const { min, max } = statisticsOf(skewed());
    assert.equal(chooseRange(statisticsOf(skewed()), 'minmax', 'u8'), { min, max });
  });

  it('leaves numbers out for every other method, fewer the higher the percentile', () => {
    const statistics = statisticsOf(skewed());
    const sizes = (['percentile_99.9', 'percentile_99.99', 'percentile_99.999', 'minmax'] as const).map(
      (calibration) => chooseRange(statistics, calibration, 'u8').max,
    );
    assert.equal(
      sizes,
      sizes.toSorted((a, b) => a - b),
    );
    assert.ok((sizes[0] ?? NaN) < (sizes[1] ?? NaN));
  });

  it('always holds 0 and never reaches beyond what was observed', () => {
    const shifted = heavyTailed().map((value) => 60 + value);
    for (const values of [heavyTailed(), oneSided(), skewed(), shifted, shifted.map((value) => -value)]) {
      const { min, max } = statisticsOf(values);
      for (const calibration of CALIBRATIONS) {
        for (const type of TYPES) {
          const range = chooseRange(statisticsOf(values), calibration, type);
          assert.ok(range.min <= 0 && range.max >= 0);
          assert.ok(range.min >= Math.min(min, 0) && range.max <= Math.max(max, 0));
        }
      }
    }
  });

  it('starts at 0 for numbers that are never negative', () => {
    for (const calibration of CALIBRATIONS) {
      const range = chooseRange(statisticsOf(oneSided()), calibration, 'u8');
      assert.is(range.min, 0);
      assert.is(activationParams(range, 'u8').zeroPoint, 0);
    }
  });

  it('gives numbers that are all one a range that expresses it', () => {
    for (const constant of [5, -5, 1e-20, -3e30]) {
      const statistics = statisticsOf(new Float32Array(100).fill(constant));
      for (const calibration of CALIBRATIONS) {
        for (const type of TYPES) {
          const { scale, zeroPoint } = activationParams(chooseRange(statistics, calibration, type), type);
          const [low, high] = type === 'u8' ? [0, 255] : [-127, 127];
          const nearest = Math.min(Math.max(Math.round(statistics.min / scale) + zeroPoint, low), high);
          const back = scale * (nearest - zeroPoint);
          // A step of the histogram is 1/2048 of the number, one of the integers at most 1/127.
          assert.ok(Math.abs(back / statistics.min - 1) < 0.005, `${calibration} ${type}: ${constant} as ${back}`);
        }
      }
    }
  });

  it('gives zeros, and numbers too small for a scale, a range that works', () => {
    for (const constant of [0, 1e-44, -1e-40]) {
      const statistics = statisticsOf(new Float32Array(100).fill(constant));
      for (const calibration of CALIBRATIONS) {
        for (const type of TYPES) {
          const range = chooseRange(statistics, calibration, type);
          assert.ok(Number.isFinite(range.min) && Number.isFinite(range.max));
          assert.equal(activationParams(range, type), { scale: 1, zeroPoint: 0 });
        }
      }
    }
  });
});
