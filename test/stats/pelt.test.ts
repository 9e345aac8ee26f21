import * as assert from 'uvu/assert';
import { changepoints } from '../../src/stats/pelt.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';
import { latencySeries, roughNormal } from './vectors.ts';

const options = { penalty: 15 * Math.log(400), varianceFloor: 1e-12 / 12 };

/** The definition itself: the best of all partitions, by dynamic programming over every start. */
function bestPartition(samples: Float64Array, penalty: number, floor: number): number[] {
  const cost = (from: number, to: number): number => {
    const part = samples.subarray(from, to);
    const average = part.reduce((sum, x) => sum + x, 0) / part.length;
    const variance = part.reduce((sum, x) => sum + (x - average) ** 2, 0) / part.length;
    return part.length * (Math.log(2 * Math.PI) + Math.log(Math.max(variance, floor)) + 1);
  };
  const best = [{ total: -penalty, path: new Array<number>() }];
  for (let end = 1; end <= samples.length; end++) {
    let winner = { total: Infinity, path: new Array<number>() };
    for (const [start, { total: before, path }] of best.slice(0, end - 1).entries()) {
      const total = before + cost(start, end) + penalty;
      if (total < winner.total) winner = { total, path: start === 0 ? path : [...path, start] };
    }
    best.push(winner);
  }
  return best.at(-1)?.path ?? [];
}

describe('changepoints', (it) => {
  it('finds those of the series of methods.md A4', () => {
    assert.equal(changepoints(Float64Array.from(latencySeries('warmup')), options), [38]);
    assert.equal(changepoints(Float64Array.from(latencySeries('flat')), options), []);
    assert.equal(changepoints(Float64Array.from(latencySeries('slowdown')), options), [300]);
    assert.equal(changepoints(Float64Array.from(latencySeries('ramp')), options), [193]);
  });

  it('takes a raw spike for a stretch of its own', () => {
    const spiked = Float64Array.from(latencySeries('flat'));
    spiked[200] = 200;
    assert.equal(changepoints(spiked, options), [199, 201]);
  });

  it('finds the best of all partitions', () => {
    const random = mulberry32(5);
    for (let trial = 0; trial < 200; trial++) {
      const samples = new Float64Array(4 + Math.floor(random() * 90));
      let level = 10;
      let spread = 0.3;
      for (let index = 0; index < samples.length; index++) {
        if (random() < 0.08) {
          level = 8 + 6 * random();
          spread = 0.05 + random();
        }
        samples[index] = level + spread * roughNormal(random);
      }
      const penalty = [1, 3, 8, 15 * Math.log(samples.length)][trial % 4] ?? 1;
      assert.equal(
        changepoints(samples, { penalty, varianceFloor: 1e-9 }),
        bestPartition(samples, penalty, 1e-9),
        `trial ${trial}`,
      );
    }
  });

  it('keeps its digits for values far from zero', () => {
    const shifted = Float64Array.from(latencySeries('slowdown'), (x) => x + 1e6);
    assert.equal(changepoints(shifted, options), [300]);
  });

  it('takes series too short for a change', () => {
    for (const length of [0, 1, 2, 3]) {
      assert.equal(changepoints(new Float64Array(length).fill(12), options), [], `${length} samples`);
    }
  });
});
