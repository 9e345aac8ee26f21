import * as assert from 'uvu/assert';
import { entropyRange } from '../../../src/quantize/ranges/entropy.ts';
import { describe } from '../../describe.ts';
import { heavyTailed, oneSided, skewed, statisticsOf } from './distributions.ts';

describe('entropyRange', (it) => {
  it('chooses as the definition written out in numpy does', () => {
    // Bins of 1/64 as here, levels by bin * 256 // bins, p ln(p / q) summed over arrays; see the docstring.
    const expected = [
      [heavyTailed(), 'u8', -49.74644470214844, 49.74644470214844],
      [heavyTailed(), 's8', -49.74644470214844, 49.74644470214844],
      [oneSided(), 'u8', 0, 49.74644470214844],
      [oneSided(), 's8', 0, 49.5],
      [skewed(), 'u8', -0.7772881984710693, 10.3125],
      [skewed(), 's8', -0.7772881984710693, 9.96875],
    ] as const;
    for (const [values, activations, min, max] of expected) {
      assert.equal(entropyRange(statisticsOf(values), activations), { min, max });
    }
  });

  it('lies near the threshold of the Python tool, when that is given bins that can work', () => {
    const laplace = Float32Array.from({ length: 100_000 }, (_, k) => {
      const p = (k + 0.5) / 100_000;
      return p < 0.5 ? Math.log(2 * p) : -Math.log(2 * (1 - p));
    });
    const { min, max } = entropyRange(statisticsOf(laplace), 's8');
    // get_entropy_threshold of onnxruntime 1.30 (calibrate.py), 2048 bins, 128 levels: -8.691 to 8.702. It leaves up to
    // half the bins to the last level, which moves its choice by up to a sixth.
    assert.ok(Math.abs(max / 8.702 - 1) < 1 / 6, String(max));
    assert.ok(Math.abs(min / -8.691 - 1) < 1 / 6, String(min));
  });

  it('cuts an outlier', () => {
    const values = Float32Array.of(...Array.from({ length: 20_000 }, (_, i) => Math.sin(i)), 12);
    const { min, max } = entropyRange(statisticsOf(values), 'u8');
    assert.ok(max >= 1 && max < 1.5, String(max));
    assert.is(min, statisticsOf(values).min);
  });

  it('is not led by the zeros that a ReLU heaps up', () => {
    const positive = heavyTailed().filter((value) => value > 0);
    const heaped = Float32Array.of(...positive, ...new Float32Array(50_000));
    assert.equal(entropyRange(statisticsOf(heaped), 'u8').max, entropyRange(statisticsOf(positive), 'u8').max);
  });
});
