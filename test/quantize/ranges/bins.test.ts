import * as assert from 'uvu/assert';
import { binsOf } from '../../../src/quantize/ranges/bins.ts';
import { describe } from '../../describe.ts';

describe('binsOf', (it) => {
  it('stretches bins above or below 0 to reach it', () => {
    const above = binsOf({ low: 1, high: 2, counts: Float64Array.of(5, 7) }, Infinity);
    assert.equal(above, { counts: Float64Array.of(0, 0, 5, 7), width: 0.5, zero: 0 });
    const below = binsOf({ low: -2, high: -1, counts: Float64Array.of(5, 7) }, Infinity);
    assert.equal(below, { counts: Float64Array.of(5, 7, 0, 0), width: 0.5, zero: 4 });
  });

  it('merges bins in pairs until they are few enough, and never across 0', () => {
    const histogram = { low: -3, high: 5, counts: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
    assert.equal(binsOf(histogram, 8).counts, histogram.counts);
    assert.equal(binsOf(histogram, 5), { counts: Float64Array.of(1, 5, 9, 13, 8), width: 2, zero: 2 });
    assert.equal(binsOf(histogram, 4), { counts: Float64Array.of(6, 22, 8), width: 4, zero: 1 });
  });
});
