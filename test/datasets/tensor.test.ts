import * as assert from 'uvu/assert';
import { createTensorWriter, writeTensor } from '../../src/datasets/tensor.ts';
import { describe } from '../describe.ts';
import { AS_IS, noise } from './fixtures.ts';

const SIZE = { height: 2, width: 1 };
const TWO_PIXELS = { name: 'x', ...SIZE, data: Uint8Array.of(10, 20, 30, 40, 50, 60) };

function throwsRangeError(run: () => void): void {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  assert.ok(thrown instanceof RangeError, `threw ${String(thrown)}`);
}

describe('writeTensor', (it) => {
  it('writes one plane per channel', () => {
    const out = new Float32Array(6);
    writeTensor(TWO_PIXELS, { ...AS_IS, scale: 1 }, out);
    assert.equal([...out], [10, 40, 20, 50, 30, 60]);
  });

  it('puts blue first for BGR', () => {
    const out = new Float32Array(6);
    writeTensor(TWO_PIXELS, { ...AS_IS, scale: 1, channelOrder: 'bgr' }, out);
    assert.equal([...out], [30, 60, 20, 50, 10, 40]);
  });

  it('equals float32 division by 255 for all 256 values, bit for bit', () => {
    const image = {
      name: 'x',
      height: 1,
      width: 256,
      data: Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)),
    };
    const out = new Float32Array(768);
    writeTensor(image, { ...AS_IS, scale: 1 / 255 }, out);
    const divided = Array.from({ length: 768 }, (_, i) => Math.fround((i % 256) / 255));
    assert.equal([...out], divided);
  });

  it('subtracts the mean and divides by the std of each channel', () => {
    const out = new Float32Array(6);
    writeTensor(TWO_PIXELS, { ...AS_IS, scale: 1, mean: [10, 0, 60], std: [5, 2, 10] }, out);
    assert.equal([...out], [0, 6, 10, 25, -3, 0]);
  });

  it("takes mean and std in the order of the model's channels", () => {
    const out = new Float32Array(6);
    writeTensor(TWO_PIXELS, { ...AS_IS, scale: 1, mean: [30, 20, 10], std: [1, 1, 1], channelOrder: 'bgr' }, out);
    assert.equal([...out], [0, 30, 0, 30, 0, 30]);
  });

  it('agrees with the ImageNet normalisation of the training side to float32 rounding', () => {
    const [mean, std] = [
      [0.485, 0.456, 0.406],
      [0.229, 0.224, 0.225],
    ] as const;
    const out = new Float32Array(6);
    writeTensor(TWO_PIXELS, { ...AS_IS, mean, std }, out);
    // torch 2, (torch.tensor([10, 40]) / 255 - 0.485) / 0.229 in float64: -1.946656, -1.432914
    assert.ok(Math.abs((out[0] ?? 0) - (10 / 255 - 0.485) / 0.229) < 1e-6);
    assert.ok(Math.abs((out[0] ?? 0) + 1.946656) < 1e-6);
    assert.ok(Math.abs((out[1] ?? 0) + 1.432914) < 1e-6);
  });
});

describe('createTensorWriter', (it) => {
  it('writes at an offset and leaves the rest alone', () => {
    const out = new Float32Array(14).fill(-1);
    createTensorWriter({ ...AS_IS, scale: 1 }, SIZE)(TWO_PIXELS, out, 7);
    assert.equal([...out], [-1, -1, -1, -1, -1, -1, -1, 10, 40, 20, 50, 30, 60, -1]);
  });

  it('refuses an image of another size and an output that is too short', () => {
    const write = createTensorWriter(AS_IS, SIZE);
    throwsRangeError(() => write(noise(2, 1), new Float32Array(6)));
    throwsRangeError(() => write(TWO_PIXELS, new Float32Array(5)));
    throwsRangeError(() => write(TWO_PIXELS, new Float32Array(6), 1));
    throwsRangeError(() => write(TWO_PIXELS, new Float32Array(6), -1));
  });

  it('refuses a mean that lacks a channel', () => {
    throwsRangeError(() => createTensorWriter({ ...AS_IS, mean: [0.5] }, SIZE));
  });
});
