import * as assert from 'uvu/assert';
import { rankCheckpoints } from '../../src/decide/checkpoints/rank.ts';
import { renderCheckpointCurves } from '../../src/report/checkpointCurves.ts';
import { readTrainingLog } from '../../src/store/trainingLog.ts';
import { describe } from '../describe.ts';

const LOG = new URL('../../scripts/demo/logs/resnet18.metrics.jsonl', import.meta.url).pathname;

const SMALL: [number, number] = [96, 96];
const LARGE: [number, number] = [128, 128];

describe('renderCheckpointCurves', (it) => {
  it('says which row is the target, and gives the recall an axis of its own', async () => {
    const svg = renderCheckpointCurves(rankCheckpoints(await readTrainingLog(LOG), 1));
    for (const text of ['loss', 'recall', 'recall of row 1 (right)', '100 %']) {
      assert.ok(svg.includes(`>${text}</text>`), text);
    }
  });

  it('marks where the input size changes, because the curves break there', async () => {
    const ranking = rankCheckpoints(await readTrainingLog(LOG), 1);
    const checkpoints = ranking.checkpoints.map((checkpoint) => ({
      ...checkpoint,
      input_size: checkpoint.epoch < 4 ? SMALL : LARGE,
    }));
    assert.match(renderCheckpointCurves({ ...ranking, checkpoints }), />\| input 128 x 128: epoch 4</);
    assert.not.match(renderCheckpointCurves({ ...ranking, checkpoints: checkpoints.slice(0, 0) }), /\| input/);
  });

  it('draws a training of a hundred thousand epochs, and an absent loss as a gap', async () => {
    const ranking = rankCheckpoints(await readTrainingLog(LOG), 1);
    const [pattern] = ranking.checkpoints;
    assert.ok(pattern);
    const checkpoints = Array.from({ length: 130_000 }, (_, index) => ({
      ...pattern,
      epoch: index + 1,
      eval_loss: index === 1 ? null : 0.5,
      train_loss: null,
      target_recall: null,
    }));
    const svg = renderCheckpointCurves({ ...ranking, checkpoints });
    assert.is(svg.match(/<path d="M[^M"]*M[^M"]*"/g)?.length, 1, 'one curve of two parts');
    assert.not.match(svg, /training loss/);
  });

  it('has no axis for a recall that the log does not tell', async () => {
    const ranking = rankCheckpoints(await readTrainingLog(LOG), 1);
    const checkpoints = ranking.checkpoints.map((checkpoint) => ({ ...checkpoint, target_recall: null }));
    assert.not.match(renderCheckpointCurves({ ...ranking, target_index: null, checkpoints }), /recall/);
  });
});
