import * as assert from 'uvu/assert';
import { activationParams } from '../../../src/quantize/activationParams.ts';
import { mseRange } from '../../../src/quantize/ranges/mse.ts';
import { roundAndSaturate } from '../../../src/quantize/round.ts';
import type { Range } from '../../../src/quantize/statistics.ts';
import { normalCdf } from '../../../src/stats/normal.ts';
import { describe } from '../../describe.ts';
import { heavyTailed, laplaceCdf, oneSided, skewed, statisticsOf, statisticsOfCdf } from './distributions.ts';

function meanSquaredError(values: Float32Array, range: Range, type: 'u8' | 's8'): number {
  const { scale, zeroPoint } = activationParams(range, type);
  const [low, high] = type === 'u8' ? [0, 255] : [-127, 127];
  const errors = values.map((value) => {
    const integer = roundAndSaturate(value / scale + zeroPoint, low, high);
    return (scale * (integer - zeroPoint) - value) ** 2;
  });
  return errors.reduce((sum, error) => sum + error, 0) / values.length;
}

function close(actual: number, expected: number, relative: number): void {
  assert.ok(Math.abs(actual / expected - 1) <= relative, `${actual}, expected ${expected} to ${100 * relative} %`);
}

/** Neighbouring candidates lie 2^(1/64) apart; the zero point rounds to 1/255 of the range. */
const STEP = 0.015;

describe('mseRange', (it) => {
  /**
   * The optima of Banner et al. 2019, equations 2 to 5, with 255 steps instead of 256, solved with
   * scipy 1.x minimize_scalar: 3.9223 (normal), 9.8897 (Laplace), 11.1555 (one-sided exponential, whose
   * half of a Laplace distribution has all 255 steps).
   */
  it('finds the optimal clipping of a normal distribution', () => {
    const statistics = statisticsOfCdf(normalCdf, -8, 8);
    close(mseRange(statistics, 's8').max, 3.9206, STEP);
    close(mseRange(statistics, 'u8').max, 3.9223, STEP);
    close(-mseRange(statistics, 'u8').min, 3.9223, STEP);
  });

  it('finds the optimal clipping of a Laplace distribution', () => {
    const statistics = statisticsOfCdf(laplaceCdf, -32, 32);
    close(mseRange(statistics, 's8').max, 9.8825, STEP);
    close(mseRange(statistics, 'u8').max, 9.8897, STEP);
  });

  it('finds the optimal clipping of a one-sided distribution', () => {
    const { min, max } = mseRange(
      statisticsOfCdf((x) => 1 - Math.exp(-x), 0, 32),
      'u8',
    );
    assert.is(min, 0);
    // The one-sided density is twice that of the symmetric case.
    close(max, 11.1555, STEP);
  });

  it('is at least as good as any cut of both sides, measured on the numbers themselves', () => {
    for (const values of [heavyTailed(), oneSided(), skewed()]) {
      for (const type of ['u8', 's8'] as const) {
        const statistics = statisticsOf(values);
        const chosen = meanSquaredError(values, mseRange(statistics, type), type);
        for (let part = 1; part > 0.05; part -= 0.05) {
          const cut = { min: statistics.min * part, max: statistics.max * part };
          // Inside a bin the numbers count as evenly spread.
          assert.ok(chosen <= 1.02 * meanSquaredError(values, cut, type), `${type}, ${part}`);
        }
      }
    }
  });

  it('keeps an outlier where cutting it would cost more than rounding coarsely', () => {
    const values = Float32Array.of(...Array.from({ length: 1000 }, (_, i) => Math.sin(i)), 20);
    assert.ok(mseRange(statisticsOf(values), 'u8').max > 17);
  });
});
