import * as assert from 'uvu/assert';
import { entropyRange } from '../../../src/quantize/ranges/entropy.ts';
import { describe } from '../../describe.ts';
import { activationParams } from '../../../src/quantize/activationParams.ts';
import {
  heaped,
  heavyTailed,
  laplaceCdf,
  oneSided,
  skewed,
  statisticsOf,
  statisticsOfCdf,
  withOutliers,
} from './distributions.ts';

/** Signal over the noise that rounding to the range's integers makes, in decibels. */
function sqnrDb(values: Float32Array, type: 'u8' | 's8'): number {
  const { scale, zeroPoint } = activationParams(entropyRange(statisticsOf(values), type), type);
  const [low, high] = type === 'u8' ? [0, 255] : [-127, 127];
  let [signal, noise] = [0, 0];
  for (const value of values) {
    const integer = Math.min(Math.max(Math.round(value / scale) + zeroPoint, low), high);
    signal += value ** 2;
    noise += (value - scale * (integer - zeroPoint)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe('entropyRange', (it) => {
  it('chooses as the definition written out in numpy does', () => {
    // Bins of 1/64 as here, averaged by slices, levels by bin * 256 // bins, p ln(p / q) summed over arrays; see the
    // docstring.
    const expected = [
      [heavyTailed(), 'u8', -49.74644470214844, 49.74644470214844],
      [skewed(), 'u8', -0.7772881984710693, 49.74644470214844],
      [skewed(), 's8', -0.7772881984710693, 39.75],
      [withOutliers(), 'u8', -4.015625, 4.015625],
      [withOutliers(), 's8', -4.015625, 4.015625],
      [withOutliers().map((value) => Math.max(value, 0)), 'u8', 0, 7],
      [withOutliers().map((value) => Math.max(value, 0)), 's8', 0, 3.765625],
    ] as const;
    for (const [values, activations, min, max] of expected) {
      assert.equal(entropyRange(statisticsOf(values), activations), { min, max });
    }
  });

  it('cuts the tails of a Laplace distribution, no shorter than the Python tool does', () => {
    // get_entropy_threshold of onnxruntime 1.30 (calibrate.py), 2048 bins, 128 levels: -8.691 to 8.702.
    for (const type of ['u8', 's8'] as const) {
      const { min, max } = entropyRange(statisticsOfCdf(laplaceCdf, -20, 20), type);
      assert.ok(max > 8.7 && max < 16, String(max));
      assert.is(min, -max);
    }
  });

  it('cuts an outlier', () => {
    const values = Float32Array.of(...Array.from({ length: 20_000 }, (_, i) => Math.sin(i)), 12);
    const { min, max } = entropyRange(statisticsOf(values), 'u8');
    assert.ok(max >= 1 && max < 3, String(max));
    assert.is(min, statisticsOf(values).min);
  });

  it('keeps most of a signal behind a ReLU, also where a black background heaps up numbers', () => {
    for (const type of ['u8', 's8'] as const) {
      const db = sqnrDb(heaped(), type);
      assert.ok(db > 30, `${type}: ${db} dB`);
      const tailed = sqnrDb(oneSided(), type);
      assert.ok(tailed > 30, `${type}: ${tailed} dB`);
    }
  });

  it('is not led by the zeros that a ReLU heaps up', () => {
    const positive = heavyTailed().filter((value) => value > 0);
    const withZeros = Float32Array.of(...positive, ...new Float32Array(50_000));
    assert.equal(entropyRange(statisticsOf(withZeros), 'u8').max, entropyRange(statisticsOf(positive), 'u8').max);
  });
});
