import * as assert from 'uvu/assert';
import { mulberry32 } from '../../src/stats/prng.ts';
import { nearestRank } from '../../src/stats/quantile.ts';
import { rollingBand } from '../../src/stats/rollingBand.ts';
import { median } from '../../src/stats/summary.ts';
import { describe } from '../describe.ts';
import { close } from './close.ts';

describe('rollingBand', (it) => {
  it('equals sorting every window anew', () => {
    const random = mulberry32(4);
    for (const [length, half] of [
      [7, 50],
      [240, 50],
      [1100, 100],
    ] as const) {
      // Few distinct values, so that ties come and go.
      const samples = Float64Array.from({ length }, () => Math.floor(random() * 30));
      const band = rollingBand(samples, 0.001);
      for (let index = 0; index < length; index++) {
        const window = samples.slice(Math.max(0, index - half), index + half).toSorted();
        const rank = (p: number): number => window[nearestRank(window.length, p) - 1] ?? Number.NaN;
        const reach = 3 * Math.max(rank(0.9) - rank(0.1), 0.001);
        const middle = median(window) ?? Number.NaN;
        close(band.lower[index], middle - reach, 1e-12, `lower ${index} of ${length}`);
        close(band.upper[index], middle + reach, 1e-12, `upper ${index} of ${length}`);
      }
    }
  });

  it('takes an empty series', () => {
    assert.is(rollingBand(new Float64Array(0), 1).upper.length, 0);
  });
});
