import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { countAnswers, evaluateModel, type EvaluationJob } from '../../src/measure/evaluate.ts';
import { predictionsSchema, type Predictions } from '../../src/records/predictions.ts';
import { describe } from '../describe.ts';
import { noisePng } from '../datasets/fixtures.ts';
import { tinyClassifier } from '../runtime/models.ts';
import { rejects } from '../throws.ts';
import { BLUE, GREEN, openParams, RED, withBed, type Bed, type Colour } from './bench.ts';

/** The bed's images by their file names; those with an even number are labelled red. */
function jobOf(
  bed: Bed,
  changes: Partial<EvaluationJob> = {},
  open: Partial<EvaluationJob['open']> = {},
): EvaluationJob {
  const { modelPath, threads, inputSize, preprocessing } = openParams(bed);
  const items = bed.imagePaths.map((path, index) => ({ id: `split/${index}.png`, path }));
  return {
    open: { modelPath, threads, inputSize, preprocessing, items, ...open },
    classes: ['red', 'blue'],
    outputs: 'logits',
    labels: new Map(items.map(({ id }, index) => [id, index % 2 === 0 ? 'red' : 'blue'])),
    ...changes,
  };
}

const silent = (): void => undefined;

/** What the tiny classifier says of a colour, computed by hand. */
function expected([red, , blue]: Colour): number[] {
  const difference = (8 * blue) / 255 - 0.25 - ((8 * red) / 255 + 0.25);
  const p = 1 / (1 + Math.exp(-difference));
  return [1 - p, p];
}

describe('evaluateModel', (it) => {
  it('answers every image in order, with its label, its hash and its probabilities', async () => {
    // More than two of the child's answers, and no two images alike.
    const colours = Array.from({ length: 150 }, (_, i): Colour => [(i * 7) % 256, i, (i * 31) % 256]);
    await withBed(tinyClassifier(), colours, async (bed) => {
      const progress: number[] = [];
      const { predictions, softmax, skipped, imagesPerSecond } = await evaluateModel(jobOf(bed), (done) =>
        progress.push(done),
      );
      assert.equal(predictionsSchema.parse(predictions), predictions);
      assert.equal(
        predictions.ids,
        colours.map((_, index) => `split/${index}.png`),
      );
      assert.equal(
        predictions.labels,
        colours.map((_, index) => (index % 2 === 0 ? 'red' : 'blue')),
      );
      const hashes = bed.imagePaths.map(async (path) =>
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      );
      assert.equal(predictions.content_hashes, await Promise.all(hashes));
      for (const [index, colour] of colours.entries()) {
        for (const [klass, p] of expected(colour).entries()) {
          assert.ok(Math.abs((predictions.probabilities[index]?.[klass] ?? -1) - p) < 1e-6, `image ${index}`);
        }
      }
      assert.equal(softmax, { applied: true, decidedBy: 'card' });
      assert.equal(skipped, []);
      assert.ok(imagesPerSecond > 0);
      assert.equal(progress, [64, 128, 150]);
    });
  });

  it('leaves a broken image out and says why', async () => {
    await withBed(tinyClassifier(), [RED, GREEN, BLUE], async (bed) => {
      const whole = await noisePng(8, 8);
      await writeFile(bed.imagePaths[1] ?? '', whole.subarray(0, whole.length - 60));
      const { predictions, skipped } = await evaluateModel(jobOf(bed), silent);
      assert.equal(predictions.ids, ['split/0.png', 'split/2.png']);
      assert.equal(predictions.labels, ['red', 'red']);
      assert.is(skipped.length, 1);
      assert.is(skipped[0]?.id, 'split/1.png');
      assert.match(skipped[0]?.reason ?? '', /1\.png cannot be used as an image: .*; replace or remove it/);
    });
  });

  it('refuses a folder in which nothing can be used', async () => {
    await withBed(tinyClassifier(), [RED], async (bed) => {
      await writeFile(bed.imagePaths[0] ?? '', '');
      await rejects(
        () => evaluateModel(jobOf(bed), silent),
        /needs at least one image, and none of 1 can be used \(.*0 bytes.*\); repair the images/,
      );
      await rejects(() => evaluateModel(jobOf(bed, {}, { items: [] }), silent), /none of 0 can be used; repair/);
    });
  });

  it('decides about softmax by the values where the card does not say', async () => {
    const job = { outputs: 'auto' } as const;
    await withBed(tinyClassifier(), [RED, BLUE], async (bed) => {
      const { softmax, predictions } = await evaluateModel(jobOf(bed, job), silent);
      assert.equal(softmax, { applied: true, decidedBy: 'values' });
      assert.ok(Math.abs((predictions.probabilities[0]?.[1] ?? -1) - (expected(RED)[1] ?? 0)) < 1e-6);
    });
    await withBed(tinyClassifier({ softmax: true }), [RED, BLUE], async (bed) => {
      const { softmax, predictions } = await evaluateModel(jobOf(bed, job), silent);
      assert.equal(softmax, { applied: false, decidedBy: 'values' });
      assert.ok(Math.abs((predictions.probabilities[0]?.[1] ?? -1) - (expected(RED)[1] ?? 0)) < 1e-6);
    });
  });

  it('refuses logits where the card states probabilities', async () => {
    await withBed(tinyClassifier(), [RED], async (bed) => {
      await rejects(
        () => evaluateModel(jobOf(bed, { outputs: 'probabilities' }), silent),
        /taken as probabilities, received \[8\.25, -0\.25\] for .*\.onnx on split\/0\.png; write `outputs: logits`/,
      );
    });
  });

  it('refuses probabilities where the card states logits, instead of applying softmax twice', async () => {
    await withBed(tinyClassifier({ softmax: true }), [RED, GREEN, BLUE], async (bed) => {
      await rejects(
        () => evaluateModel(jobOf(bed, { outputs: 'logits' }), silent),
        /\.onnx are taken as logits.*write `outputs: probabilities` in the model card/,
      );
    });
  });

  it('refuses another number of classes before it has run over the images', async () => {
    const colours = Array.from({ length: 70 }, () => RED);
    await withBed(tinyClassifier(), colours, async (bed) => {
      let told = 0;
      await rejects(
        () =>
          evaluateModel(jobOf(bed, { classes: ['red', 'blue', 'maybe'] }), (done) => {
            told = done;
          }),
        /answers 2 values per image, its card names 3 classes \(red, blue, maybe\); correct `classes`/,
      );
      assert.is(told, 0);
    });
  });

  it('refuses NaN, and names the image', async () => {
    // Infinity times a channel without any light is NaN.
    const model = tinyClassifier({
      classes: [
        [1, 0, 0, 0],
        [0, 0, Infinity, 0],
      ],
    });
    await withBed(model, [RED], async (bed) => {
      await rejects(
        () => evaluateModel(jobOf(bed), silent),
        /must be a finite number, received \[1, NaN\] for split\/0\.png/,
      );
    });
  });

  it('refuses images that the card’s rule cannot bring to size, instead of skipping them all', async () => {
    await withBed(
      tinyClassifier(),
      [RED, BLUE],
      async (bed) => {
        await rejects(
          () => evaluateModel(jobOf(bed), silent),
          /is 10 x 10 pixels, but the model takes 8 x 8 pixels and its card says `resize: none`/,
        );
      },
      10,
    );
  });

  it('refuses a file of another fixed batch size, and one that cannot be loaded', async () => {
    await withBed(tinyClassifier({ input: [4, 3, 8, 8] }), [RED], async (bed) => {
      await rejects(() => evaluateModel(jobOf(bed), silent), /takes batches of 4 only, received a batch of 1/);
      const modelPath = join(bed.dir, 'missing.onnx');
      await rejects(() => evaluateModel(jobOf(bed, {}, { modelPath }), silent), /missing\.onnx cannot be loaded/);
    });
  });

  it('ends with what its caller throws between two answers', async () => {
    await withBed(tinyClassifier(), [RED], async (bed) => {
      const stop = new Error('interrupted');
      const thrown = await evaluateModel(jobOf(bed), () => {
        throw stop;
      }).catch((error: unknown) => error);
      assert.is(thrown, stop);
    });
  });
});

function predictionsOf(rows: readonly (readonly [label: string, ...probabilities: number[]])[]): Predictions {
  return {
    schema: 'beltbench/predictions',
    version: 1,
    classes: ['clean', 'pit', 'maybe'],
    ids: rows.map((_, index) => `${index}.png`),
    content_hashes: rows.map(() => '0'.repeat(64)),
    labels: rows.map(([label]) => label),
    probabilities: rows.map(([, ...probabilities]) => probabilities),
  };
}

describe('countAnswers', (it) => {
  it('counts each label’s answers at argmax', () => {
    const counted = countAnswers(
      predictionsOf([
        ['clean', 0.8, 0.1, 0.1],
        ['clean', 0.2, 0.7, 0.1],
        ['pit', 0.1, 0.8, 0.1],
        ['pit', 0.3, 0.6, 0.1],
        ['pit', 0.1, 0.2, 0.7],
      ]),
    );
    assert.is(counted.correct, 3);
    assert.equal(counted.confusion, {
      classes: ['clean', 'pit', 'maybe'],
      counts: [
        [1, 1, 0],
        [0, 2, 1],
        [0, 0, 0],
      ],
    });
  });

  it('gives a tie to the first class', () => {
    const { correct, confusion } = countAnswers(predictionsOf([['pit', 0.5, 0.5, 0]]));
    assert.is(correct, 0);
    assert.equal(confusion?.counts[1], [1, 0, 0]);
  });

  it('counts nothing without images', () => {
    assert.is(countAnswers(predictionsOf([])).correct, 0);
  });
});
