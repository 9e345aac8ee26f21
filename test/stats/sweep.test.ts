import * as assert from 'uvu/assert';
import { mulberry32 } from '../../src/stats/prng.ts';
import { rocAuc } from '../../src/stats/rocAuc.ts';
import { sweepThresholds } from '../../src/stats/sweep.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { close } from './close.ts';
import { twentyLabels, twentyScores } from './vectors.ts';

describe('sweepThresholds', (it) => {
  it('has one threshold per distinct score and Infinity', () => {
    const curve = sweepThresholds(twentyScores, twentyLabels);
    assert.equal([...curve.thresholds], [...new Set(twentyScores), Infinity]);
    assert.is(curve.targetsBelow.length, 20);
    assert.is(curve.othersBelow.length, 20);
    assert.is(curve.targets, 9);
    assert.is(curve.others, 11);
  });

  it('equals counting at every threshold, with ties, in any order', () => {
    const random = mulberry32(31);
    for (let trial = 0; trial < 300; trial++) {
      const size = 2 + Math.floor(random() * 40);
      const levels = 1 + Math.floor(random() * 25);
      const scores = Float64Array.from({ length: size }, () => Math.floor(random() * levels) / levels - 0.3);
      const labels = Uint8Array.from({ length: size }, () => (random() < 0.4 ? 1 : 0));
      labels[0] = 1;
      labels[1] = 0;
      const { thresholds, targetsBelow, othersBelow } = sweepThresholds(scores, labels);
      assert.equal([...thresholds], [...new Set([...scores].toSorted((a, b) => a - b)), Infinity]);
      for (const [index, threshold] of thresholds.entries()) {
        const below = labels.filter((_, item) => (scores[item] ?? Number.NaN) < threshold);
        const targets = below.reduce((sum, label) => sum + label, 0);
        assert.is(targetsBelow[index], targets, `trial ${trial}, threshold ${threshold}`);
        assert.is(othersBelow[index], below.length - targets, `trial ${trial}, threshold ${threshold}`);
      }
    }
  });

  it('leaves its input alone', () => {
    const scores = Float64Array.of(0.9, 0.1, 0.5);
    const labels = Uint8Array.of(1, 0, 1);
    sweepThresholds(scores, labels);
    assert.equal([...scores], [0.9, 0.1, 0.5]);
    assert.equal([...labels], [1, 0, 1]);
  });

  it('holds -0 and 0 to be one score', () => {
    const curve = sweepThresholds(Float64Array.of(-0, 0, -1, 1), Uint8Array.of(1, 0, 1, 0));
    assert.ok(Object.is(curve.thresholds[1], 0));
    assert.equal([...curve.thresholds], [-1, 0, 1, Infinity]);
    assert.equal([...curve.targetsBelow], [0, 1, 2, 2]);
    assert.equal([...curve.othersBelow], [0, 0, 1, 2]);
  });

  it('takes scores that differ in the last bit for different ones', () => {
    const score = 0.7;
    const next = score + Number.EPSILON / 2;
    const curve = sweepThresholds(Float64Array.of(next, score), Uint8Array.of(1, 0));
    assert.equal([...curve.thresholds], [score, next, Infinity]);
  });

  it('refuses scores that are no finite numbers', async () => {
    await rejects(
      () => sweepThresholds(Float64Array.of(0.1, Number.NaN), Uint8Array.of(0, 1)),
      /got score NaN.* item 1/,
    );
    await rejects(
      () => sweepThresholds(Float64Array.of(Infinity, 0.2), Uint8Array.of(0, 1)),
      /score Infinity.* item 0/,
    );
  });

  it('refuses labels that do not fit', async () => {
    await rejects(() => sweepThresholds(Float64Array.of(0.1, 0.2), Uint8Array.of(1)), /2 scores and 1 labels/);
    await rejects(() => sweepThresholds(Float64Array.of(0.1, 0.2), Uint8Array.of(1, 2)), /label 2 for item 1/);
  });

  it('refuses a data set that lacks a class', async () => {
    await rejects(() => sweepThresholds(Float64Array.of(0.1, 0.2), Uint8Array.of(1, 1)), /got 2 and 0/);
    await rejects(() => sweepThresholds(new Float64Array(0), new Uint8Array(0)), /got 0 and 0/);
  });
});

describe('rocAuc', (it) => {
  it('gives the value of methods.md B4, with its ties', () => {
    close(rocAuc(sweepThresholds(twentyScores, twentyLabels)), 77.5 / 99, 1e-15);
  });

  it('is 1 for a perfect order, 0 for the reverse and a half for no order', () => {
    const scores = Float64Array.of(0.1, 0.2, 0.8, 0.9);
    assert.is(rocAuc(sweepThresholds(scores, Uint8Array.of(0, 0, 1, 1))), 1);
    assert.is(rocAuc(sweepThresholds(scores, Uint8Array.of(1, 1, 0, 0))), 0);
    assert.is(rocAuc(sweepThresholds(new Float64Array(4).fill(0.5), Uint8Array.of(1, 0, 1, 0))), 0.5);
  });
});
