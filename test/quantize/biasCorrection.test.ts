import * as assert from 'uvu/assert';
import { correctedBias } from '../../src/quantize/biasCorrection.ts';
import { quantizeWeights, type QuantizedWeights } from '../../src/quantize/weights.ts';
import { mulberry32, type Random } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';

const OPTIONS = { weights: 'per_channel', weight_range: 'full' } as const;

function numbers(random: Random, count: number, offset = 0.5): Float32Array {
  return Float32Array.from({ length: count }, () => random() - offset);
}

function dequantized({ data, scales }: QuantizedWeights, perOutput: (index: number) => number): Float64Array {
  return Float64Array.from(data, (integer, index) => integer * (scales[perOutput(index)] ?? NaN));
}

/** Mean over the columns of x [rows, columns]. */
function meansOf(x: Float32Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  x.forEach((value, index) => (sums[index % columns] = (sums[index % columns] ?? 0) + value));
  return sums.map((sum) => sum / (x.length / columns));
}

/** x [rows, K] times w [K, N]. */
function product(x: Float32Array, w: ArrayLike<number>, depth: number, outputs: number): Float64Array {
  const y = new Float64Array((x.length / depth) * outputs);
  for (let i = 0; i < y.length; i += 1) {
    for (let k = 0; k < depth; k += 1) {
      y[i] = (y[i] ?? 0) + (x[Math.floor(i / outputs) * depth + k] ?? 0) * (w[k * outputs + (i % outputs)] ?? 0);
    }
  }
  return y;
}

/** x [C, 6, 6] with w [M, C / groups, 2, 2], no padding: the mean of each of the M outputs. */
function convolvedMeans(
  x: Float32Array,
  w: ArrayLike<number>,
  outputs: number,
  perGroup: number,
  groups: number,
): number[] {
  return Array.from({ length: outputs }, (_, output) => {
    const group = Math.floor(output / (outputs / groups));
    let sum = 0;
    for (let row = 0; row < 5; row += 1) {
      for (let column = 0; column < 5; column += 1) {
        for (let c = 0; c < perGroup; c += 1) {
          for (let tap = 0; tap < 4; tap += 1) {
            const at = (group * perGroup + c) * 36 + (row + (tap >> 1)) * 6 + column + (tap & 1);
            sum += (x[at] ?? 0) * (w[(output * perGroup + c) * 4 + tap] ?? 0);
          }
        }
      }
    }
    return sum / 25;
  });
}

describe('correctedBias', (it) => {
  it('gives a linear layer back the mean output of its float weights', () => {
    const random = mulberry32(5);
    const [rows, depth, outputs] = [50, 32, 6];
    const x = numbers(random, rows * depth, 0.1);
    const weight = { dims: [depth, outputs], data: numbers(random, depth * outputs) };
    const bias = numbers(random, outputs);
    const quantized = quantizeWeights(weight, { axis: 1, ...OPTIONS });
    const corrected = correctedBias({ bias, weight, quantized, axis: 1, groups: 1, inputMeans: meansOf(x, depth) });
    const exact = meansOf(Float32Array.from(product(x, weight.data, depth, outputs)), outputs);
    const rounded = dequantized(quantized, (index) => index % outputs);
    const shifted = meansOf(Float32Array.from(product(x, rounded, depth, outputs)), outputs);
    for (let output = 0; output < outputs; output += 1) {
      const before = Math.abs((shifted[output] ?? NaN) - (exact[output] ?? NaN));
      const error =
        (shifted[output] ?? NaN) + (corrected[output] ?? NaN) - (exact[output] ?? NaN) - (bias[output] ?? NaN);
      // Float32 holds the biases and the outputs of size 5 to 6e-7.
      assert.ok(Math.abs(error) < 2e-6, `${error}`);
      assert.ok(before > 1e-5, 'there must be a shift to correct');
    }
  });

  it('takes the mean of the input channel that each kernel of a grouped convolution reads', () => {
    const random = mulberry32(6);
    const [outputs, perGroup, groups] = [6, 2, 3];
    // Constant channels, so that the mean over the image is that under every tap.
    const inputMeans = Float64Array.from({ length: perGroup * groups }, (_, channel) => channel - 2.5);
    const x = Float32Array.from({ length: inputMeans.length * 36 }, (_, i) => inputMeans[Math.floor(i / 36)] ?? NaN);
    const weight = { dims: [outputs, perGroup, 2, 2], data: numbers(random, outputs * perGroup * 4) };
    const quantized = quantizeWeights(weight, { axis: 0, ...OPTIONS });
    const rounded = dequantized(quantized, (index) => Math.floor(index / (perGroup * 4)));
    const exact = convolvedMeans(x, weight.data, outputs, perGroup, groups);
    const shifted = convolvedMeans(x, rounded, outputs, perGroup, groups);
    const corrected = correctedBias({ bias: undefined, weight, quantized, axis: 0, groups, inputMeans });
    for (let output = 0; output < outputs; output += 1) {
      const error = (shifted[output] ?? NaN) + (corrected[output] ?? NaN) - (exact[output] ?? NaN);
      // Float32 holds corrections of size 0.05 to 2e-9.
      assert.ok(Math.abs(error) < 1e-8, `${error}`);
    }
  });

  it('uses the single scale of weights that have one for all', () => {
    const weight = { dims: [1, 2], data: Float32Array.of(1, 0.3) };
    const quantized = { data: Int8Array.of(2, 1), scales: Float32Array.of(0.5) };
    const inputMeans = Float64Array.of(10);
    const corrected = correctedBias({ bias: Float32Array.of(1, 1), weight, quantized, axis: 1, groups: 1, inputMeans });
    assert.equal(corrected, Float32Array.of(1, 1 - 10 * (0.5 - Math.fround(0.3))));
  });

  it('refuses means that are not those of its inputs', () => {
    const weight = { dims: [2, 1], data: Float32Array.of(1, 1) };
    const quantized = quantizeWeights(weight, { axis: 1, ...OPTIONS });
    const input = { bias: undefined, weight, quantized, axis: 1, groups: 1, inputMeans: Float64Array.of(1) };
    assert.throws(() => correctedBias(input), /1 means do not fit/);
  });
});
