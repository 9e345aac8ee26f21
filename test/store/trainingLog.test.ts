import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readTrainingLog } from '../../src/store/trainingLog.ts';
import { inTempDir, writeFiles } from '../datasets/fixtures.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';

const train = (epoch: number, loss: number): string =>
  JSON.stringify({ timestamp: '2026-11-23T03:37:38', epoch, phase: 'train', train_loss: loss });
const val = (epoch: number, loss: number, size = 128): string =>
  JSON.stringify({
    epoch,
    phase: 'val',
    val_loss: loss,
    val_accuracy: 0.9,
    val_confusion_matrix: [
      [9, 1],
      [2, 8],
    ],
    input_size: size,
  });

async function read(text: string) {
  let run: Awaited<ReturnType<typeof readTrainingLog>> | undefined;
  await inTempDir(async (dir) => {
    await writeFiles(dir, { 'log.jsonl': text });
    run = await readTrainingLog(join(dir, 'log.jsonl'));
  });
  if (run === undefined) {
    throw new Error('nothing was read');
  }
  return run;
}

describe('readTrainingLog', (it) => {
  it('puts the lines of an epoch together', async () => {
    const { epochs, notes } = await read(`${[train(1, 0.7), val(1, 0.5), train(2, 0.6), val(2, 0.4)].join('\n')}\n`);
    assert.equal(
      epochs.map(({ epoch, trainLoss, evalLoss, inputSize }) => ({ epoch, trainLoss, evalLoss, inputSize })),
      [
        { epoch: 1, trainLoss: 0.7, evalLoss: 0.5, inputSize: [128, 128] },
        { epoch: 2, trainLoss: 0.6, evalLoss: 0.4, inputSize: [128, 128] },
      ],
    );
    assert.equal(epochs[0]?.confusion, [
      [9, 1],
      [2, 8],
    ]);
    assert.equal(notes, []);
  });

  it('rules.md 3: the last run wins when an epoch comes again, and what it replaces is said', async () => {
    const first = [train(1, 0.7), val(1, 0.5), train(2, 0.6), val(2, 0.4), train(3, 0.5), val(3, 0.3)];
    const again = [train(2, 0.61), val(2, 0.41)];
    const { epochs, notes } = await read([...first, ...again].join('\n'));
    assert.equal(
      epochs.map(({ epoch, evalLoss }) => [epoch, evalLoss]),
      [
        [1, 0.5],
        [2, 0.41],
      ],
    );
    assert.match(notes.join(), /started again at epoch 2: the earlier run's epochs 2 to 3 are left out/);
  });

  it('takes an epoch number that goes back for a restart, whatever epochs were logged before (rules.md 3)', async () => {
    const { epochs, notes } = await read([val(5, 0.2), val(6, 0.1), val(1, 0.9), val(2, 0.8)].join('\n'));
    assert.equal(
      epochs.map(({ epoch, evalLoss }) => [epoch, evalLoss]),
      [
        [1, 0.9],
        [2, 0.8],
      ],
    );
    assert.equal(notes, ["the training was started again at epoch 1: the earlier run's epochs 5 to 6 are left out"]);
  });

  it('takes validation lines that come behind their training lines for no restart', async () => {
    const { epochs, notes } = await read([train(1, 0.7), train(2, 0.6), val(1, 0.5), val(2, 0.4)].join('\n'));
    assert.equal(
      epochs.map(({ trainLoss, evalLoss }) => [trainLoss, evalLoss]),
      [
        [0.7, 0.5],
        [0.6, 0.4],
      ],
    );
    assert.equal(notes, []);
  });

  it('tells the first of many restarts, and how many more there were', async () => {
    const lines = Array.from({ length: 10 }, () => val(1, 0.5));
    const { notes } = await read(lines.join('\n'));
    assert.is(notes.length, 4);
    assert.is(notes.at(-1), '6 more restarts');
  });

  it('carries the last known input size on where a line does not say it, and says so', async () => {
    const silent = JSON.stringify({ epoch: 3, phase: 'val', val_loss: 0.45 });
    const { epochs, notes } = await read([val(1, 0.5, 64), val(2, 0.4), silent].join('\n'));
    assert.equal(
      epochs.map(({ inputSize }) => inputSize?.[0]),
      [64, 128, 128],
    );
    assert.equal(notes, ['1 epoch is without an input size: the last one that the log names is taken']);
    const unknown = await read(silent);
    assert.equal([unknown.epochs[0]?.inputSize, unknown.notes], [undefined, []]);
  });

  it('leaves out the half line of a killed trainer and what is no epoch, and says so', async () => {
    const text = [train(1, 0.7), val(1, 0.5), 'hello', '{"epoch": 2, "phase": "test"}', '{"epoch": 2, "pha'].join('\n');
    const { epochs, notes } = await read(text);
    assert.is(epochs.length, 1);
    assert.match(notes.join('; '), /line 3 is left out: it is no JSON.*line 4 is left out.*line 5 is left out/);
  });

  it("reads Python's bare NaN and Infinity as what they are", async () => {
    const { epochs } = await read(
      '{"epoch": 1, "phase": "train", "train_loss": -Infinity}\n{"epoch": 1, "phase": "val", "val_loss": NaN}',
    );
    assert.is(epochs[0]?.trainLoss, Number.NEGATIVE_INFINITY);
    assert.ok(Number.isNaN(epochs[0]?.evalLoss));
  });

  it('reads a listing of checkpoints, alone or under `checkpoints`', async () => {
    const listing = [{ epoch: 3, step: 30, path: 'a.pt', eval_loss: 0.5, train_loss: null }];
    const documents = [listing, { checkpoints: listing }, { run: 'x', metrics: { epoch: 9 }, checkpoints: listing }];
    for (const text of documents.flatMap((content) => [JSON.stringify(content, null, 1), JSON.stringify(content)])) {
      const { epochs } = await read(text);
      assert.is(epochs[0]?.checkpointPath, 'a.pt');
      assert.is(epochs[0]?.step, 30);
      assert.is(epochs[0]?.trainLoss, undefined);
    }
  });

  it('puts a listing in the order of epoch and step, and of two for one step the last counts, which is said', async () => {
    const at = (epoch: number, step: number | undefined, loss: number) => ({ epoch, step, eval_loss: loss });
    const listing = [at(3, 30, 0.4), at(1, 20, 0.6), at(2, undefined, 0.5), at(1, 10, 0.7), at(3, 30, 0.45)];
    const { epochs, notes } = await read(JSON.stringify(listing));
    assert.equal(
      epochs.map(({ epoch, step, evalLoss }) => [epoch, step, evalLoss]),
      [
        [1, 10, 0.7],
        [1, 20, 0.6],
        [2, undefined, 0.5],
        [3, 30, 0.45],
      ],
    );
    assert.equal(notes, ['1 checkpoint is left out: a later entry has its epoch and step']);
  });

  it('refuses, in one line, what holds no epoch, what is no file and what is no listing', async () => {
    await rejects(() => read('hello\n'), /holds no epoch of a training \(line 1 is left out/);
    await rejects(() => readTrainingLog('/nowhere/log.jsonl'), /cannot be read/);
    await rejects(() => readTrainingLog('/'), /is not a file/);
    await rejects(() => read('[{"epoch": "x"}]'), /no list of checkpoints/);
  });
});
