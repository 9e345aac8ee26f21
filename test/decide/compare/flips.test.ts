import * as assert from 'uvu/assert';
import { pairAnswers } from '../../../src/decide/compare/answers.ts';
import { listFlips, probabilityChange } from '../../../src/decide/compare/flips.ts';
import { describe } from '../../describe.ts';
import { near } from '../../stats/close.ts';
import { predictionsFrom, predictionsOf } from '../predictionFactories.ts';

const PIT = { target: 'pit', maybe: undefined };

describe('listFlips', (it) => {
  it('lists what the variant lets pass first, the furthest moved of equals before the others', () => {
    const reference = predictionsFrom([0.9, 0.6, 0.4, 0.8], [0.6, 0.2, 0.1]);
    const variant = predictionsFrom([0.3, 0.45, 0.7, 0.7], [0.4, 0.8, 0.2]);
    const flips = listFlips(pairAnswers(reference, variant), PIT);
    assert.equal(
      flips.map(({ id, kind, reference_answer: before, variant_answer: after }) => [id, kind, before, after]),
      [
        ['pit/00000.png', 'new_miss', 'pit', 'clean'],
        ['pit/00001.png', 'new_miss', 'pit', 'clean'],
        ['clean/00004.png', 'target_cleared', 'pit', 'clean'],
        ['clean/00005.png', 'to_target', 'clean', 'pit'],
        ['pit/00002.png', 'to_target', 'clean', 'pit'],
      ],
    );
    assert.equal([flips[0]?.label, flips[0]?.reference_probability, flips[0]?.variant_probability], ['pit', 0.9, 0.3]);
  });

  it('tells a review from a miss where the model has a class for it', () => {
    const classes = ['clean', 'maybe', 'pit'];
    const [clean, maybe, pit] = [
      [0.8, 0.1, 0.1],
      [0.1, 0.8, 0.1],
      [0.1, 0.1, 0.8],
    ] as const;
    const reference = predictionsOf(classes, [
      ['pit', pit],
      ['pit', maybe],
      ['clean', clean],
    ]);
    const variant = predictionsOf(classes, [
      ['pit', maybe],
      ['pit', clean],
      ['clean', maybe],
    ]);
    const flips = listFlips(pairAnswers(reference, variant), { target: 'pit', maybe: 'maybe' });
    assert.equal(
      flips.map(({ id, kind }) => [id, kind]),
      [
        ['pit/00001.png', 'new_miss'],
        ['pit/00000.png', 'to_review'],
        ['clean/00002.png', 'to_review'],
      ],
    );
  });

  it('is empty where no class changed, however far the probabilities moved', () => {
    assert.equal(listFlips(pairAnswers(predictionsFrom([0.51], []), predictionsFrom([0.99], [])), PIT), []);
  });
});

describe('probabilityChange', (it) => {
  it('is the mean and the largest change, with the image it happened on', () => {
    const change = probabilityChange(
      pairAnswers(predictionsFrom([0.9, 0.6], [0.1]), predictionsFrom([0.8, 0.65], [0.1])),
    );
    near(change?.max, 0.1, 1e-12);
    near(change?.mean, 0.05, 1e-12);
    assert.is(change?.max_id, 'pit/00000.png');
    assert.is(change?.n, 3);
  });

  it('is of the class that moved furthest', () => {
    const classes = ['clean', 'maybe', 'pit'];
    const change = probabilityChange(
      pairAnswers(
        predictionsOf(classes, [['pit', [0.5, 0.2, 0.3]]]),
        predictionsOf(classes, [['pit', [0.2, 0.4, 0.4]]]),
      ),
    );
    near(change?.max, 0.3, 1e-12);
  });

  it('is nothing without a common image', () => {
    assert.is(probabilityChange([]), null);
  });
});
