import * as assert from 'uvu/assert';
import { sweepThresholds } from '../../src/index.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { rejects } from '../throws.ts';

const ITEMS = { scores: [0.1, 0.4, 0.35, 0.8, 0.35], isTarget: [false, false, true, true, false] };

/** As a caller from JavaScript, whom no type stops. */
const sweepAnything = (items: unknown) => sweepThresholds(items as typeof ITEMS);

describe('sweepThresholds of the library', (it) => {
  it('counts misses and those left alone at every distinct score', () => {
    const sweep = sweepThresholds(ITEMS);
    assert.equal([...sweep.thresholds], [0.1, 0.35, 0.4, 0.8, Infinity]);
    assert.equal([...sweep.misses], [0, 0, 1, 1, 2]);
    assert.equal([...sweep.passed], [0, 1, 2, 3, 3]);
    assert.equal([sweep.targets, sweep.others], [2, 3]);
    // Of the six pairs of a target and another item 4 are won and 1 is a tie.
    near(sweep.auc, 4.5 / 6, 1e-12);
  });

  it('answers at any threshold, with exact intervals', () => {
    const point = sweepThresholds(ITEMS).at(0.5);
    assert.equal([point.misses, point.falseRejects, point.recall], [1, 0, 0.5]);
    // Clopper-Pearson of 1 of 2 at 95 %: 1 - sqrt(0.975) and its mirror.
    near(point.recallInterval.lower, 1 - Math.sqrt(0.975), 1e-9);
    near(sweepThresholds(ITEMS).at(0.5, { confidence: 0.9 }).recallLowerBound, 1 - Math.sqrt(0.9), 1e-9);
  });

  it('takes typed arrays, and ones for targets', () => {
    const typed = { scores: Float32Array.of(0.25, 0.75), isTarget: Uint8Array.of(0, 1) };
    assert.is(sweepThresholds(typed).auc, 1);
  });

  const strange: [string, unknown, RegExp][] = [
    ['nothing at all', undefined, /^sweepThresholds: `scores` must be an array of numbers, received undefined/],
    ['nothing', null, /`scores` must be an array of numbers/],
    ['text for scores', { ...ITEMS, scores: 'high' }, /`scores` must be an array of numbers, received "high"/],
    ['text among the scores', { ...ITEMS, scores: [0.1, '0.4', 0.3, 0.8, 0.3] }, /received "0.4" at 1/],
    ['a missing score', { ...ITEMS, scores: [0.1, null, 0.3, 0.8, 0.3] }, /received nothing at 1/],
    ['a score that is not a number', { ...ITEMS, scores: [0.1, Number.NaN, 0.3, 0.8, 0.3] }, /received NaN at 1/],
    ['a label that is a share', { ...ITEMS, isTarget: [0, 0, 1, 0.5, 0] }, /`isTarget` must hold .* received 0.5 at 3/],
    ['labels as text', { ...ITEMS, isTarget: ['pit', 'clean', 'pit', 'pit', 'pit'] }, /received "pit" at 0/],
    ['too few labels', { ...ITEMS, isTarget: [true, false] }, /one label per score, received 2 for 5 scores/],
    ['no targets', { ...ITEMS, isTarget: [0, 0, 0, 0, 0] }, /needs items of the target class and others/],
    ['no items', { scores: [], isTarget: [] }, /needs items of the target class and others/],
    ['an array buffer', { ...ITEMS, scores: new ArrayBuffer(40) }, /`scores` must be an array of numbers/],
  ];
  for (const [what, items, message] of strange) {
    it(`refuses ${what} in one line`, async () => await rejects(() => sweepAnything(items), message));
  }

  it('refuses a threshold or an option that says nothing', async () => {
    const sweep = sweepThresholds(ITEMS);
    await rejects(() => sweep.at(Number.NaN), /^at: a threshold must be a number, received NaN/);
    await rejects(
      () => sweep.at(0.5, { confidence: 95 }),
      /^at: `confidence` must be below 1, received 95; a share is/,
    );
    await rejects(() => sweep.at(0.5, { confidense: 0.9 } as object), /unknown key `confidense`.*`confidence`/);
  });
});
