import * as assert from 'uvu/assert';
import { percentileRange } from '../../../src/quantize/ranges/percentile.ts';
import { describe } from '../../describe.ts';
import { heavyTailed, oneSided, skewed, statisticsOf } from './distributions.ts';

/**
 * PercentileCalibrater's HistogramCollector of onnxruntime 1.30 (quantization/calibrate.py) with 2048
 * bins: [percentile, symmetric False: min, max, symmetric True: max].
 */
const PYTHON = [
  { values: heavyTailed(), ranges: [[99.9, -47.36600112915039, 47.317420959472656, 47.34170913696289]] },
  {
    values: heavyTailed(),
    ranges: [
      [99.99, -49.74644470214844, 49.69786071777344, 49.72215270996094],
      [99.999, -49.74644470214844, 49.69786071777344, 49.72215270996094],
    ],
  },
  {
    values: oneSided(),
    ranges: [
      [99.9, 0, 47.317420959472656, 45.15558624267578],
      [99.99, 0, 49.69786071777344, 49.236351013183594],
    ],
  },
  {
    values: skewed(),
    ranges: [
      [99.9, -0.7772865295410156, 47.317420959472656, 45.15558624267578],
      [99.99, -0.7772881984710693, 49.69786071777344, 49.236351013183594],
    ],
  },
] as const;

/** The Python tool's bin, whose lower edge it takes, and ours of 1/64. */
const TOLERANCE = (2 * 49.746445) / 2048 + 1 / 64;

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= TOLERANCE, `${actual}, expected ${expected} to ${TOLERANCE}`);
}

describe('percentileRange', (it) => {
  it('agrees with the Python tool to the width of a bin', () => {
    for (const { values, ranges } of PYTHON) {
      const statistics = statisticsOf(values);
      for (const [percentile, min, max, symmetricMax] of ranges) {
        const asymmetric = percentileRange(statistics, percentile, false);
        close(asymmetric.min, min);
        close(asymmetric.max, max);
        close(percentileRange(statistics, percentile, true).max, symmetricMax);
      }
    }
  });

  it('cuts the share it says, half of it on each side', () => {
    const values = heavyTailed();
    const { min, max } = percentileRange(statisticsOf(values), 99, false);
    // 0.5 % of 10007 are 50; the cut is interpolated inside a bin of one number or two.
    assert.ok(Math.abs(values.filter((value) => value < min).length - 50) <= 1);
    assert.ok(Math.abs(values.filter((value) => value > max).length - 50) <= 1);
  });

  it('cuts by magnitude when it is symmetric', () => {
    const values = skewed();
    const { min, max } = percentileRange(statisticsOf(values), 99, true);
    assert.is(min, statisticsOf(values).min);
    assert.ok(Math.abs(values.filter((value) => value > max).length - 100) <= 1);
  });

  it('never reaches beyond what was observed', () => {
    for (const values of [heavyTailed(), oneSided(), skewed()]) {
      const statistics = statisticsOf(values);
      for (const symmetric of [false, true]) {
        const { min, max } = percentileRange(statistics, 99.9999, symmetric);
        assert.ok(min >= statistics.min && max <= statistics.max);
      }
    }
  });

  it('does not cut numbers that are nearly all 0 down to nothing', () => {
    const values = new Float32Array(100_000);
    values.fill(7, 0, 4);
    assert.equal(percentileRange(statisticsOf(values), 99.9, false), { min: 0, max: 7 });
    assert.equal(percentileRange(statisticsOf(values), 99.9, true), { min: 0, max: 7 });
  });
});
