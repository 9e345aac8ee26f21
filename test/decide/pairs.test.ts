import * as assert from 'uvu/assert';
import { compareOnImages } from '../../src/decide/pairs.ts';
import { pairSchema, type Pair } from '../../src/records/decision.ts';
import type { Predictions } from '../../src/records/predictions.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { sha } from './baseFactories.ts';
import { predictionsOf } from './predictionFactories.ts';

const ROLES = { target: 'pit', maybe: 'maybe' };

/** A model that is right on the images where `right` says so; all are pits. */
function answers(right: readonly boolean[], ids?: readonly string[]): Predictions {
  return predictionsOf(
    ['clean', 'pit'],
    right.map((hit) => ['pit', hit ? [0.1, 0.9] : [0.9, 0.1]] as const),
    ids,
  );
}

/** Two models on `n` images: only the first right on `b`, only the second on `c`, both on the rest. */
function compare(b: number, c: number, n: number): Pair {
  const first = Array.from({ length: n }, (_, index) => index < b || index >= b + c);
  const second = Array.from({ length: n }, (_, index) => index >= b);
  const pair = compareOnImages(answers(first), answers(second), 'other', ROLES);
  assert.ok(pair);
  return pairSchema.parse(pair);
}

describe('compareOnImages', (it) => {
  it('calls the story’s difference noise: 1155 against 1153 right of 1226', () => {
    const pair = compare(25, 23, 1226);
    assert.equal([pair.n, pair.only_selected_right, pair.only_other_right], [1226, 25, 23]);
    near(pair.difference, 2 / 1226, 1e-15);
    near(pair.exact_p, 0.885433497287, 1e-11);
    near(pair.mid_p, 0.775449654682, 1e-11);
    near(pair.interval[0], -0.00979, 5e-7);
    near(pair.interval[1], 0.013158, 5e-7);
    assert.is(pair.explained_by_noise, true);
  });

  it('says how many images it would take to resolve a gap of two images: some 118,000', () => {
    // methods.md D4 has 117,973 for a discordance of 4 %; 48 of 1226 is 3.9 %.
    near(compare(25, 23, 1226).images_to_resolve ?? undefined, 115_466, 100);
    assert.is(compare(8, 8, 100).images_to_resolve, null);
  });

  it('calls a difference of 5 images noise and one of 6 none, where nothing is exchanged', () => {
    const [five, six] = [compare(5, 0, 1226), compare(6, 0, 1226)];
    near(five.exact_p, 0.0625, 1e-14);
    near(six.exact_p, 0.03125, 1e-14);
    assert.equal([five.explained_by_noise, six.explained_by_noise], [true, false]);
  });

  it('is negative where the other is right more often', () => {
    const pair = compare(20, 40, 1226);
    near(pair.difference, -20 / 1226, 1e-15);
    near(pair.exact_p, 0.013489293731, 1e-11);
    assert.is(pair.explained_by_noise, false);
  });

  it('finds no difference between equals', () => {
    const pair = compare(0, 0, 1226);
    assert.equal([pair.difference, pair.exact_p, pair.explained_by_noise, pair.images_to_resolve], [0, 1, true, null]);
  });

  it('compares only the images that both answered', () => {
    const ids = ['a.png', 'b.png', 'c.png'];
    const selected = answers([true, true, false], ids);
    const pair = compareOnImages(selected, answers([false, true], ids.slice(1)), 'other', ROLES);
    assert.equal([pair?.n, pair?.only_selected_right, pair?.only_other_right], [2, 1, 1]);
  });

  it('leaves out images labelled maybe, which a model without that class could never get right', () => {
    const rows = [
      ['pit', 'pit'],
      ['clean', 'clean'],
      ['maybe', 'maybe'],
    ] as const;
    const answering = (classes: readonly string[]): Predictions =>
      predictionsOf(
        classes,
        rows.map(([label, answer]) => [label, classes.map((name) => (name === answer ? 1 : 0))] as const),
      );
    const pair = compareOnImages(answering(['clean', 'pit', 'maybe']), answering(['clean', 'pit']), 'two', ROLES);
    assert.equal([pair?.n, pair?.only_selected_right, pair?.only_other_right], [2, 0, 0]);
  });

  it('does not go by the order of the images', () => {
    const pair = compareOnImages(
      answers([true, false], ['a.png', 'b.png']),
      answers([true, false], ['b.png', 'a.png']),
      'o',
      ROLES,
    );
    assert.equal([pair?.only_selected_right, pair?.only_other_right], [1, 1]);
  });

  it('does not take a file for the same image when its bytes or its label changed', () => {
    const before = answers([true, true], ['a.png', 'b.png']);
    const newBytes = { ...before, content_hashes: [sha('new'), sha('b.png')] };
    assert.is(compareOnImages(before, newBytes, 'other', ROLES)?.n, 1);
    assert.is(compareOnImages(before, { ...before, labels: ['pit', 'clean'] }, 'other', ROLES)?.n, 1);
  });

  it('has no answer where the two share no image', () => {
    assert.is(compareOnImages(answers([true], ['a.png']), answers([true], ['b.png']), 'other', ROLES), undefined);
    assert.is(compareOnImages(answers([]), answers([]), 'other', ROLES), undefined);
  });

  it('reads each model by its own class order', () => {
    const turned = predictionsOf(['pit', 'clean'], [['pit', [0.9, 0.1]]], ['a.png']);
    const pair = compareOnImages(turned, answers([true], ['a.png']), 'other', ROLES);
    assert.equal([pair?.only_selected_right, pair?.only_other_right], [0, 0]);
  });
});
