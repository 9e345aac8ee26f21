import * as assert from 'uvu/assert';
import { EpochCollector } from '../../src/store/epochCollector.ts';
import { describe } from '../describe.ts';

describe('EpochCollector', (it) => {
  it('gives up a run of any length at a restart', () => {
    const collector = new EpochCollector();
    for (let epoch = 1; epoch <= 200_000; epoch += 1) {
      collector.add({ epoch, phase: 'train', train_loss: 0.5 });
    }
    collector.add({ epoch: 2, phase: 'train', train_loss: 0.4 });
    const { epochs, restarts } = collector.collected();
    assert.is(epochs.length, 2);
    assert.equal(restarts, [
      "the training was started again at epoch 2: the earlier run's epochs 2 to 200000 are left out",
    ]);
  });
});
