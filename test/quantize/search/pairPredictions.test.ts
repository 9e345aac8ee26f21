import * as assert from 'uvu/assert';
import { pairPredictions } from '../../../src/quantize/search/pairPredictions.ts';
import type { Predictions } from '../../../src/records/predictions.ts';
import { describe } from '../../describe.ts';
import { rejects } from '../../throws.ts';

/** Images of class `labels[i]`, answered with `answers[i]`. */
function predictions(labels: string, answers: string, changes: Partial<Predictions> = {}): Predictions {
  return {
    schema: 'beltbench/predictions',
    version: 1,
    classes: ['f', 'd'],
    ids: [...labels].map((_, index) => `val/${index}.png`),
    content_hashes: [...labels].map((_, index) => index.toString(16).padStart(64, '0')),
    labels: [...labels],
    probabilities: [...answers].map((answer) => (answer === 'f' ? [0.9, 0.1] : [0.2, 0.8])),
    ...changes,
  };
}

describe('pairPredictions', (it) => {
  it('counts image by image where two models differ', () => {
    const counts = pairPredictions(predictions('ffffdddd', 'fffdddff'), predictions('ffffdddd', 'ffdfdfdf'), 'd');
    assert.equal(counts, {
      images: 8,
      reference_correct: 5,
      variant_correct: 5,
      only_reference_correct: 2,
      only_variant_correct: 2,
      flips: 4,
      target_misses: { targets: 4, reference: 2, variant: 2 },
    });
  });

  it('takes a target that goes to review for no miss, and an image labelled maybe for no truth', () => {
    const answering = (answers: string): Predictions => ({
      ...predictions('fddm', 'ffff'),
      classes: ['f', 'd', 'm'],
      probabilities: [...answers].map((answer) => ['f', 'd', 'm'].map((name) => (name === answer ? 1 : 0))),
    });
    const counts = pairPredictions(answering('fddm'), answering('fdmd'), 'd', 'm');
    assert.equal([counts.images, counts.reference_correct, counts.variant_correct, counts.flips], [3, 3, 2, 1]);
    assert.equal(counts.target_misses, { targets: 2, reference: 0, variant: 0 });
  });

  it('counts misses of a class only where a study names it', () => {
    assert.is(pairPredictions(predictions('fd', 'fd'), predictions('fd', 'fd'), undefined).target_misses, null);
  });

  it('refuses predictions of other images, labels or bytes', async () => {
    const one = predictions('ffd', 'ffd');
    for (const other of [
      predictions('ff', 'ff'),
      predictions('fdd', 'fdd'),
      predictions('ffd', 'ffd', { content_hashes: ['f', 'e', 'd'].map((digit) => digit.repeat(64)) }),
    ]) {
      await rejects(() => pairPredictions(one, other, 'd'), /images must not change during a search, and val\/\d/);
    }
  });
});
