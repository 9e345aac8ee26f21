import * as assert from 'uvu/assert';
import { scoreCheckpoint } from '../../src/stats/checkpointScore.ts';
import { describe } from '../describe.ts';

/** rules.md 3: (eval, train, epochs without improvement) and the score, published to six decimals. */
const PUBLISHED: readonly (readonly [number, number | undefined, number, number])[] = [
  [0.5, 0.45, 0, 0.188244],
  [0.4, 0.1, 1, 0.432459],
  [0.5, undefined, 0, 0.158244],
  [2.5, 2.8, 0, 1.246912],
  [1.2, 1.1, 0, 0.541601],
  [0.8, 0.75, 0, 0.329878],
  [0.75, 0.3, 0, 0.465585],
  [0.9, 0.1, 1, 0.728965],
  [0.6, 0.55, 0, 0.234111],
  [0.6, 0.55, 1, 0.334111],
];

function totalOf(
  evalLoss: number | undefined,
  trainLoss: number | undefined,
  epochsWithoutImprovement: number,
): number {
  const score = scoreCheckpoint({ evalLoss, trainLoss, epochsWithoutImprovement });
  return score.scored ? score.total : Number.NaN;
}

describe('scoreCheckpoint', (it) => {
  it('rules.md 3: gives the published scores to six decimals', () => {
    for (const [evalLoss, trainLoss, without, expected] of PUBLISHED) {
      assert.is(totalOf(evalLoss, trainLoss, without).toFixed(6), expected.toFixed(6));
    }
  });

  it('rules.md 3: (0.8, 0.75) is the best of its run, though a later epoch has the lower validation loss', () => {
    const run = [
      totalOf(2.5, 2.8, 0),
      totalOf(1.2, 1.1, 0),
      totalOf(0.8, 0.75, 0),
      totalOf(0.75, 0.3, 0),
      totalOf(0.9, 0.1, 1),
    ];
    assert.is(run.indexOf(Math.min(...run)), 2);
  });

  it('adds up to its three terms and the bonus', () => {
    const score = scoreCheckpoint({ evalLoss: 0.5, trainLoss: 0.45, epochsWithoutImprovement: 0 });
    assert.ok(score.scored);
    // exp(0.5) / 200 in float64; the tolerance is its rounding.
    assert.ok(Math.abs(score.terms.perplexity - 0.008243606353500641) < 1e-15);
    assert.ok(Math.abs(score.terms.gap - 0.03) < 1e-15);
    assert.is(score.terms.loss, 0.25);
    assert.is(score.terms.bonus, -0.1);
    assert.is(score.range, undefined);
  });

  it('rules.md 3: without a training loss the gap is 0, and the range of the score is told', () => {
    const score = scoreCheckpoint({ evalLoss: 0.5, trainLoss: undefined, epochsWithoutImprovement: 0 });
    assert.ok(score.scored);
    assert.is(score.terms.gap, 0);
    assert.equal(score.range, [score.total, score.total + 0.3]);
  });

  it('caps the perplexity term at 0.1', () => {
    const score = scoreCheckpoint({ evalLoss: 800, trainLoss: 800, epochsWithoutImprovement: 1 });
    assert.ok(score.scored);
    assert.is(score.terms.perplexity, 0.1);
  });

  it('rules.md 3: a missing, zero, negative or non-finite validation loss has no score but a reason', () => {
    for (const evalLoss of [undefined, 0, -0.1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const score = scoreCheckpoint({ evalLoss, trainLoss: 0.1, epochsWithoutImprovement: 0 });
      assert.not(score.scored);
      assert.match(score.scored ? '' : score.reason, /validation loss/);
    }
  });
});
