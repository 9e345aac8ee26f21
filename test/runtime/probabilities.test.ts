import * as assert from 'uvu/assert';
import {
  assertFinite,
  assertLogits,
  assertProbabilities,
  chooseSoftmax,
  softmax,
  toProbabilities,
} from '../../src/runtime/probabilities.ts';
import { BeltbenchError } from '../../src/shared/errors.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';

const LOGITS = { applied: true, decidedBy: 'card' } as const;
const PROBABILITIES = { applied: false, decidedBy: 'card' } as const;

describe('chooseSoftmax', (it) => {
  it('does what the card says, whatever the values look like', () => {
    assert.equal(chooseSoftmax('logits', [Float32Array.of(0.25, 0.75)]), { applied: true, decidedBy: 'card' });
    assert.equal(chooseSoftmax('probabilities', [Float32Array.of(-3, 9)]), { applied: false, decidedBy: 'card' });
  });

  it('leaves rows alone that all are probabilities', () => {
    const rows = [Float32Array.of(0.25, 0.75), Float32Array.of(0.1, 0.9), Float32Array.of(1, 0)];
    assert.equal(chooseSoftmax('auto', rows), { applied: false, decidedBy: 'values' });
  });

  it('takes outputs for logits when one row of many is no probabilities', () => {
    const rows = [Float32Array.of(0.25, 0.75), Float32Array.of(0.3, 0.9)];
    assert.equal(chooseSoftmax('auto', rows), { applied: true, decidedBy: 'values' });
  });

  it('knows the probabilities of a softmax that was quantised to 8 bits', () => {
    const quantised = Float32Array.of(85 / 256, 85 / 256, 85 / 256);
    assert.not(chooseSoftmax('auto', [quantised]).applied);
  });

  it('takes negative values for logits even where they sum to 1', () => {
    assert.ok(chooseSoftmax('auto', [Float32Array.of(-0.5, 1.5)]).applied);
  });
});

describe('toProbabilities', (it) => {
  it('applies softmax in float64', () => {
    const [clean, target] = toProbabilities(Float32Array.of(1, 3), LOGITS, 'a.png');
    // 1 / (1 + e^2), by hand.
    assert.ok(Math.abs((clean ?? 0) - 0.11920292202211755) < 1e-15);
    assert.ok(Math.abs((target ?? 0) - 0.8807970779778823) < 1e-15);
  });

  it('passes probabilities on as they are', () => {
    assert.equal(toProbabilities(Float32Array.of(0.25, 0.75), PROBABILITIES, 'a.png'), [0.25, 0.75]);
  });

  it('never exceeds 1, which rounding may leave', () => {
    assert.equal(toProbabilities(Float32Array.of(1.0000001, 0), PROBABILITIES, 'a.png'), [1, 0]);
  });

  it('refuses NaN and infinity under every rule', async () => {
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      for (const rule of [LOGITS, PROBABILITIES]) {
        await rejects(
          () => toProbabilities(Float32Array.of(0.5, bad), rule, 'a.png'),
          /must be a finite number, received \[0\.5, (NaN|-?Infinity)\] for a\.png; .*inspect/,
        );
      }
    }
  });
});

describe('assertProbabilities', (it) => {
  it('refuses what is none, as a mistake of the card, with the values and the place', async () => {
    const check = () => assertProbabilities(Float32Array.of(2, -1), 'pit/7.png');
    await rejects(check, /taken as probabilities, received \[2, -1\] for pit\/7\.png; write `outputs: logits` in the/);
    assert.throws(check, (thrown: unknown) => thrown instanceof BeltbenchError && thrown.code === 'bad_card');
  });

  it('refuses logits of which every row sums to 1', async () => {
    await rejects(() => assertProbabilities(Float32Array.of(-0.5, 1.5), 'a.png'), /taken as probabilities/);
  });

  it('takes those of a softmax that was quantised to 8 bits', () => {
    assert.is(assertProbabilities(Float32Array.of(85 / 256, 85 / 256, 85 / 256), 'a.png'), undefined);
  });
});

describe('assertLogits', (it) => {
  const PROBABLE = [Float32Array.of(0.25, 0.75), Float32Array.of(0.1, 0.9), Float32Array.of(1, 0)];

  it('refuses outputs that are probabilities for all images, as a mistake of the card', async () => {
    await rejects(
      () => assertLogits(PROBABLE, 'one.onnx'),
      /one\.onnx are taken as logits, .*probabilities.*3 images.*\[0\.25, 0\.75\].*write `outputs: probabilities` in the model card/,
    );
    assert.throws(
      () => assertLogits(PROBABLE, 'one.onnx'),
      (thrown: unknown) => thrown instanceof BeltbenchError && thrown.code === 'bad_card',
    );
  });

  it('takes them for logits where one row of many is no probabilities', () => {
    for (const row of [
      [0.3, 0.9],
      [-0.5, 1.5],
      [0.3, 0.705],
    ]) {
      assert.is(assertLogits([...PROBABLE, Float32Array.from(row)], 'one.onnx'), undefined, row.join());
    }
  });

  it('says nothing of no images', () => {
    assert.is(assertLogits([], 'one.onnx'), undefined);
  });
});

describe('assertFinite', (it) => {
  it('tells the first values of a long row only', async () => {
    assert.is(assertFinite(Float32Array.of(1, -2), 'm'), undefined);
    const long = new Float32Array(1_000_000).fill(Number.NaN);
    await rejects(() => assertFinite(long, 'm'), /received \[NaN, NaN, NaN, NaN, NaN, \.\.\.\] for m/);
  });
});

describe('softmax', (it) => {
  it('neither overflows nor underflows to NaN', () => {
    assert.equal(softmax(Float32Array.of(3e38, -3e38)), [1, 0]);
    assert.equal(softmax(Float32Array.of(-3e38, -3e38)), [0.5, 0.5]);
  });

  it('takes as many classes as there may be', () => {
    const wide = softmax(new Float32Array(500_000));
    assert.ok(Math.abs((wide[0] ?? 0) * 500_000 - 1) < 1e-9);
  });
});
