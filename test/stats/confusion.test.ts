import * as assert from 'uvu/assert';
import { confusionAt, highestWithMisses, indexOfThreshold, lowestWithFalseRejects } from '../../src/stats/confusion.ts';
import { sweepThresholds } from '../../src/stats/sweep.ts';
import { describe } from '../describe.ts';
import { twentyLabels, twentyScores } from './vectors.ts';

const curve = sweepThresholds(twentyScores, twentyLabels);
const at = (threshold: number) => confusionAt(curve, indexOfThreshold(curve, threshold));

describe('the confusion at a threshold', (it) => {
  it('is that of methods.md C1', () => {
    assert.equal(at(0.13), { tp: 9, fp: 7, fn: 0, tn: 4 });
    assert.equal(at(0.2), { tp: 8, fp: 7, fn: 1, tn: 4 });
    assert.equal(at(0.42), { tp: 7, fp: 4, fn: 2, tn: 7 });
    assert.equal(at(0.61), { tp: 6, fp: 2, fn: 3, tn: 9 });
    assert.equal(at(0.72), { tp: 5, fp: 1, fn: 4, tn: 10 });
    assert.equal(at(Infinity), { tp: 0, fp: 0, fn: 9, tn: 11 });
  });

  it('does not change between two scores', () => {
    assert.equal(at(0.62), at(0.66));
    assert.equal(at(-5), at(0.02));
    assert.equal(at(0.98), at(Infinity));
  });

  it('takes no threshold that is no number', () => {
    assert.throws(() => indexOfThreshold(curve, Number.NaN), /must be a number/);
  });
});

describe('the search on the curve', (it) => {
  it('finds the highest threshold with few enough misses', () => {
    assert.equal(
      [0, 1, 2, 3, 9].map((most) => curve.thresholds[highestWithMisses(curve, most)]),
      [0.13, 0.2, 0.42, 0.61, Infinity],
    );
  });

  it('finds the lowest threshold with few enough false rejects', () => {
    assert.equal(
      [0, 1, 2, 3, 11].map((most) => curve.thresholds[lowestWithFalseRejects(curve, most)]),
      [0.9, 0.72, 0.61, 0.55, 0.02],
    );
  });
});
