import * as assert from 'uvu/assert';
import { scoreCheckpoint } from '../../src/index.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { rejects } from '../throws.ts';

describe('scoreCheckpoint of the library', (it) => {
  it('gives the scores of rules.md 3', () => {
    const rows = [
      [0.5, 0.45, 0, 0.188244],
      [0.4, 0.1, 1, 0.432459],
      [0.5, null, 0, 0.158244],
      [2.5, 2.8, 0, 1.246912],
    ] as const;
    for (const [evalLoss, trainLoss, epochsWithoutImprovement, expected] of rows) {
      const score = scoreCheckpoint({ evalLoss, trainLoss, epochsWithoutImprovement });
      near(score.scored ? score.total : undefined, expected, 5e-7);
    }
  });

  it('takes the losses of a training that diverged for what they are', () => {
    assert.is(scoreCheckpoint({ evalLoss: Number.NaN, epochsWithoutImprovement: 1 }).scored, false);
    assert.is(scoreCheckpoint({ evalLoss: Infinity, epochsWithoutImprovement: 1 }).scored, false);
    assert.is(scoreCheckpoint({ epochsWithoutImprovement: 0 }).scored, false);
  });

  it('refuses text and misspelt keys', async () => {
    await rejects(
      () => scoreCheckpoint({ evalLoss: '0.5', epochsWithoutImprovement: 0 } as never),
      /^scoreCheckpoint: `evalLoss`.*received "0.5"/,
    );
    await rejects(() => scoreCheckpoint({ evalLoss: 0.5 } as never), /`epochsWithoutImprovement` is missing/);
    await rejects(() => scoreCheckpoint(undefined as never), /expected keys with values/);
  });
});
