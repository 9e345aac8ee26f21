import * as assert from 'uvu/assert';
import { mean, median, standardDeviation } from '../../src/stats/summary.ts';
import { describe } from '../describe.ts';
import { close } from './close.ts';

describe('the summary of values', (it) => {
  it('is exact on a small sample', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    assert.is(mean(values), 5);
    assert.is(median(values), 4.5);
    close(standardDeviation(values), Math.sqrt(32 / 7), 1e-15);
    assert.is(median([3, 1, 2]), 2);
  });

  it('sorts numbers as numbers and leaves its input alone', () => {
    const values = [100, 9, 10];
    assert.is(median(values), 10);
    assert.equal(values, [100, 9, 10]);
  });

  it('has no spread for one value', () => {
    assert.is(mean([7]), 7);
    assert.is(median([7]), 7);
    assert.is(standardDeviation([7]), undefined);
  });

  it('has nothing for no values', () => {
    assert.is(mean([]), undefined);
    assert.is(median([]), undefined);
    assert.is(standardDeviation([]), undefined);
  });
});
