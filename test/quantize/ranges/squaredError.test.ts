import * as assert from 'uvu/assert';
import { activationParams } from '../../../src/quantize/activationParams.ts';
import type { Bins } from '../../../src/quantize/ranges/bins.ts';
import { squaredError } from '../../../src/quantize/ranges/squaredError.ts';
import { roundAndSaturate } from '../../../src/quantize/round.ts';
import type { Range } from '../../../src/quantize/statistics.ts';
import { mulberry32 } from '../../../src/stats/prng.ts';
import { describe } from '../../describe.ts';

const POINTS_PER_BIN = 1000;

/** The same by rounding many points in the middle of equal parts of each bin. */
function sampled({ counts, width, zero }: Bins, range: Range, type: 'u8' | 's8'): number {
  const { scale, zeroPoint } = activationParams(range, type);
  const [low, high] = type === 'u8' ? [0, 255] : [-127, 127];
  let error = 0;
  for (const [bin, count] of counts.entries()) {
    for (let point = 0; point < POINTS_PER_BIN; point += 1) {
      const value = (bin - zero + (point + 0.5) / POINTS_PER_BIN) * width;
      const integer = roundAndSaturate(value / scale + zeroPoint, low, high);
      error += (count / POINTS_PER_BIN) * (scale * (integer - zeroPoint) - value) ** 2;
    }
  }
  return error;
}

describe('squaredError', (it) => {
  it('is the error of rounding and clipping, with bins wider and narrower than a step', () => {
    const random = mulberry32(8);
    for (const width of [1 / 64, 0.5]) {
      const counts = Float64Array.from({ length: 40 }, () => Math.floor(random() * 100));
      const bins = { counts, width, zero: 15 };
      for (const part of [0.1, 0.37, 0.8, 1]) {
        const range = { min: -15 * width * part, max: 25 * width * part };
        for (const type of ['u8', 's8'] as const) {
          const [exact, estimate] = [squaredError(bins, range, type), sampled(bins, range, type)];
          // The middles of 1000 parts miss an integral by far less.
          assert.ok(Math.abs(exact / estimate - 1) < 1e-3, `${exact}, ${estimate}`);
        }
      }
    }
  });
});
