import * as assert from 'uvu/assert';
import { rankCheckpoints } from '../../../src/decide/checkpoints/rank.ts';
import { checkpointRankingSchema } from '../../../src/records/checkpoints.ts';
import type { TrainingEpoch } from '../../../src/records/trainingLog.ts';
import { describe } from '../../describe.ts';

function epoch(number: number, losses: Partial<TrainingEpoch>): TrainingEpoch {
  return {
    epoch: number,
    step: undefined,
    checkpointPath: undefined,
    trainLoss: undefined,
    evalLoss: undefined,
    accuracy: undefined,
    confusion: undefined,
    inputSize: undefined,
    epochsWithoutImprovement: undefined,
    ...losses,
  };
}

/** The run of rules.md 3, each epoch's (validation, training) loss. */
const PUBLISHED_RUN = [
  [2.5, 2.8],
  [1.2, 1.1],
  [0.8, 0.75],
  [0.75, 0.3],
  [0.9, 0.1],
].map(([evalLoss, trainLoss], index) =>
  epoch(index + 1, { evalLoss, trainLoss, step: (index + 1) * 100, checkpointPath: `epoch-${index + 1}.pt` }),
);

function rank(epochs: readonly TrainingEpoch[], targetIndex = 1) {
  return checkpointRankingSchema.parse(rankCheckpoints({ source: 'log', epochs, notes: [] }, targetIndex));
}

/** A training whose training loss falls all the way. */
function falling(epochs: number, evalAt: (n: number) => number): TrainingEpoch[] {
  return Array.from({ length: epochs }, (_, index) =>
    epoch(index + 1, { evalLoss: evalAt(index + 1), trainLoss: 1 / (index + 1) }),
  );
}

describe('rankCheckpoints', (it) => {
  it('rules.md 3: marks the best and gives its path, epoch and step; improvement is derived from the losses', () => {
    const ranking = rank(PUBLISHED_RUN);
    assert.is(ranking.best_epoch, 3);
    assert.is(ranking.best_step, 300);
    assert.is(ranking.best_checkpoint_path, 'epoch-3.pt');
    assert.equal(
      ranking.checkpoints.map((each) => [each.epoch, each.score?.toFixed(6), each.is_best]),
      [
        [3, '0.329878', true],
        [4, '0.465585', false],
        [2, '0.541601', false],
        [5, '0.728965', false],
        [1, '1.246912', false],
      ],
    );
  });

  it('says why the score and the validation loss disagree, by the term that decides', () => {
    assert.match(
      rank(PUBLISHED_RUN).disagreement ?? '',
      /takes epoch 3 \(0\.329878\), the validation loss epoch 4 .*the gap between training and validation loss decides, by 0\.161250/,
    );
    assert.is(rank(PUBLISHED_RUN.slice(0, 3)).disagreement, null);
  });

  it('rules.md 3: ranks only the epochs at the last input size, and says so', () => {
    const ranking = rank([
      epoch(1, { evalLoss: 0.1, trainLoss: 0.1, inputSize: [64, 64] }),
      epoch(2, { evalLoss: 0.5, trainLoss: 0.5, inputSize: [128, 128] }),
      epoch(3, { evalLoss: 0.6, trainLoss: 0.5, inputSize: [128, 128] }),
    ]);
    assert.is(ranking.best_epoch, 2);
    assert.equal(
      ranking.checkpoints.map((each) => [each.epoch, each.rank]),
      [
        [2, 1],
        [3, 2],
        [1, null],
      ],
    );
    // The first epoch at a new size improves on nothing that compares.
    assert.is(ranking.checkpoints[0]?.epochs_without_improvement, 0);
    assert.match(ranking.notes.join(), /1 epoch at another input size than the last \(128x128\) is not ranked/);
  });

  it('ranks a checkpoint without a usable validation loss last, with the reason', () => {
    const ranking = rank([
      epoch(1, { evalLoss: Number.NaN, trainLoss: 0.1 }),
      epoch(2, { evalLoss: 0.5, trainLoss: undefined }),
      epoch(3, { evalLoss: 0, trainLoss: 0.1 }),
    ]);
    const [first, ...others] = ranking.checkpoints;
    assert.is(first?.epoch, 2);
    assert.is(first?.train_loss, null);
    const [low = 0, high = 0] = first?.score_range ?? [];
    assert.ok(high > low);
    assert.equal(
      others.map(({ score, unscored }) => [score, unscored]),
      [
        [null, 'the validation loss is NaN'],
        [null, 'the validation loss is 0'],
      ],
    );
  });

  it('takes only a positive, finite validation loss for an improvement', () => {
    for (const invalid of [0, -1, Number.NEGATIVE_INFINITY, Number.NaN]) {
      const losses = [invalid, 0.5, 0.4, 0.45];
      const ranking = rank(losses.map((evalLoss, index) => epoch(index + 1, { evalLoss, trainLoss: evalLoss })));
      const since = ranking.checkpoints.map((each) => [each.epoch, each.epochs_without_improvement]);
      assert.equal(
        since.toSorted(([a = 0], [b = 0]) => a - b),
        [
          [1, 1],
          [2, 0],
          [3, 0],
          [4, 1],
        ],
        String(invalid),
      );
    }
  });

  it('refuses a target row that no matrix has, and says where some lack it', () => {
    const confusion = [
      [5, 1],
      [0, 6],
    ];
    const whole = epoch(1, { evalLoss: 0.5, confusion });
    assert.throws(
      () => rank([whole], 7),
      /--target-index is a row of the confusion matrix, from 0 to 1 in log, received 7; correct it/,
    );
    const ranking = rank([whole, epoch(2, { evalLoss: 0.4, confusion: [[5, 1]] })]);
    assert.match(ranking.notes.join(), /1 confusion matrix has no row 1: no recall is shown of it/);
    assert.equal(rank([epoch(1, { evalLoss: 0.5 })], 7).notes, [], 'a log without a matrix has no row to lack');
  });

  it('shows the recall of the target class with its interval, and no recall without a matrix', () => {
    const confusion = [
      [610, 50],
      [71, 495],
    ];
    const recall = rank([epoch(1, { evalLoss: 0.2, trainLoss: 0.3, confusion })]).checkpoints[0]?.target_recall;
    assert.is(recall?.k, 495);
    assert.is(recall?.n, 566);
    const without = rank([epoch(1, { evalLoss: 0.2 })]);
    assert.is(without.checkpoints[0]?.target_recall, null);
    assert.is(without.target_index, null);
  });

  it('names the epoch from which training falls while validation rises, and none for a healthy training', () => {
    // Lowest at epoch 6; from 7 on it rises.
    assert.is(rank(falling(16, (n) => 0.3 + 0.01 * (n - 6) ** 2)).divergence?.epoch, 7);
    assert.is(rank(falling(16, (n) => 1.1 / n)).divergence, null);
    // Both rise: the training itself goes wrong, which is no overfitting.
    const both = falling(16, (n) => 0.3 + 0.01 * (n - 6) ** 2);
    assert.is(rank(both.map((each) => ({ ...each, trainLoss: each.evalLoss }))).divergence, null);
    // Too short a rise to be told from noise.
    assert.is(rank(falling(9, (n) => 0.3 + 0.01 * (n - 6) ** 2)).divergence, null);
  });

  it('says in whole sentences what is left out', () => {
    const run = [epoch(1, { trainLoss: 1 }), epoch(2, { evalLoss: 0.5, trainLoss: 0.4 })];
    assert.equal(rank(run).notes, ['1 epoch has no validation and is left out']);
  });
});
