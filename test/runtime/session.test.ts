import * as assert from 'uvu/assert';
import { openClassifier, sessionOptions, type Classifier } from '../../src/runtime/session.ts';
import { runtimeVersion } from '../../src/runtime/versions.ts';
import { describe } from '../describe.ts';
import { encode, floats, model, node, value } from '../onnx/build.ts';
import { rejects } from '../throws.ts';
import { doubleClassifier, tinyClassifier, withModel } from './models.ts';

async function withClassifier(bytes: Uint8Array, use: (classifier: Classifier) => Promise<void>): Promise<void> {
  await withModel(bytes, async (path) => {
    const classifier = await openClassifier(path, { threads: 1 });
    try {
      await use(classifier);
    } finally {
      await classifier.close();
    }
  });
}

async function refuses(bytes: Uint8Array, pattern: RegExp): Promise<void> {
  await withModel(bytes, async (path) => {
    await rejects(() => openClassifier(path, { threads: 1 }), pattern);
  });
}

/** Images of 8 x 8 whose channels are constant: [image][red, green, blue]. */
function batchOf(...images: readonly (readonly number[])[]): Float32Array {
  return Float32Array.from(images.flatMap((channels) => channels.flatMap((level) => Array<number>(64).fill(level))));
}

describe('openClassifier', (it) => {
  it('answers what the graph computes', async () => {
    await withClassifier(tinyClassifier(), async (classifier) => {
      const outputs = await classifier.run(classifier.toInput(batchOf([0.5, 0.25, 0.125]), [1, 3, 8, 8]));
      assert.equal([...outputs], [8 * 0.5 + 0.25, 8 * 0.125 - 0.25]);
    });
  });

  it('answers a batch row by row', async () => {
    await withClassifier(tinyClassifier(), async (classifier) => {
      const input = classifier.toInput(batchOf([1, 0, 0], [0, 0, 1]), [2, 3, 8, 8]);
      assert.equal([...(await classifier.run(input))], [8.25, -0.25, 0.25, 7.75]);
    });
  });

  it('gives every run an array of its own', async () => {
    await withClassifier(tinyClassifier(), async (classifier) => {
      const first = await classifier.run(classifier.toInput(batchOf([1, 0, 0]), [1, 3, 8, 8]));
      await classifier.run(classifier.toInput(batchOf([0, 0, 1]), [1, 3, 8, 8]));
      assert.equal([...first], [8.25, -0.25]);
    });
  });

  it('takes the batch size that a file fixes, and no other', async () => {
    await withClassifier(tinyClassifier({ input: [2, 3, 8, 8] }), async (classifier) => {
      const outputs = await classifier.run(classifier.toInput(batchOf([1, 0, 0], [1, 0, 0]), [2, 3, 8, 8]));
      assert.is(outputs.length, 4);
      await rejects(
        () => classifier.toInput(batchOf([1, 0, 0]), [1, 3, 8, 8]),
        /model\.onnx takes batches of 2 only, received a batch of 1; .*dynamic batch/,
      );
    });
  });

  it('refuses an image of another size than the file fixes', async () => {
    await withClassifier(tinyClassifier({ input: ['N', 3, 16, 16] }), async (classifier) => {
      await rejects(
        () => classifier.toInput(batchOf([1, 0, 0]), [1, 3, 8, 8]),
        /takes \[\?, 3, 16, 16\], received \[1, 3, 8, 8\]; correct `input_size`/,
      );
    });
  });

  it('lets a file leave every size open', async () => {
    await withClassifier(tinyClassifier({ input: ['N', 'C', 'H', 'W'] }), async (classifier) => {
      const outputs = await classifier.run(classifier.toInput(batchOf([0, 0, 1]), [1, 3, 8, 8]));
      assert.equal([...outputs], [0.25, 7.75]);
    });
  });

  it('says in one line that a graph cannot be run on this size', async () => {
    const fixedInside = encode(
      model({
        input: [value('x', ['N', 3, 'H', 'W'])],
        output: [value('y', ['N', 2])],
        initializer: [floats('w', [192, 2])],
        node: [node('Flatten', ['x'], ['flat']), node('MatMul', ['flat', 'w'], ['y'])],
      }),
    );
    await withClassifier(fixedInside, async (classifier) => {
      await rejects(
        () => classifier.run(classifier.toInput(new Float32Array(3 * 16 * 16), [1, 3, 16, 16])),
        /model\.onnx cannot be run on \[1, 3, 16, 16\]: .*; export it again/,
      );
    });
  });

  it('refuses a file that is not there', async () => {
    await rejects(
      () => openClassifier('/nowhere/model.onnx', { threads: 1 }),
      /\/nowhere\/model\.onnx cannot be loaded/,
    );
  });

  it('refuses a file that is no ONNX', async () => {
    await refuses(new TextEncoder().encode('a poem about cherries'), /cannot be loaded: .*; export it again/);
  });

  it('refuses a truncated file', async () => {
    const whole = tinyClassifier();
    await refuses(whole.subarray(0, whole.length - 40), /cannot be loaded: .*; export it again/);
  });

  it('refuses two inputs and names them', async () => {
    const twoInputs = encode(
      model({
        input: [value('image', [1, 3, 8, 8]), value('mask', [1, 3, 8, 8])],
        output: [value('y', [1, 3, 8, 8])],
        node: [node('Add', ['image', 'mask'], ['y'])],
      }),
    );
    await refuses(twoInputs, /has one input, received 2 \(image, mask\); export it with the image as its only input/);
  });

  it('refuses an input of another rank', async () => {
    const flat = encode(
      model({
        input: [value('x', [1, 192])],
        output: [value('y', [1, 2])],
        initializer: [floats('w', [192, 2])],
        node: [node('MatMul', ['x', 'w'], ['y'])],
      }),
    );
    await refuses(flat, /input `x` must be float32 with 4 dimensions .*, received float32 \[1, 192\]/);
  });

  it('refuses one channel', async () => {
    const grey = encode(
      model({
        input: [value('x', ['N', 1, 8, 8])],
        output: [value('y', ['N', 2])],
        initializer: [floats('w', [1, 2])],
        node: [
          node('GlobalAveragePool', ['x'], ['means']),
          node('Flatten', ['means'], ['flat']),
          node('MatMul', ['flat', 'w'], ['y']),
        ],
      }),
    );
    await refuses(grey, /input `x` must have 3 channels, received 1; export it for RGB/);
  });

  it('refuses an output that is not float32 when it runs', async () => {
    await withClassifier(doubleClassifier(), async (classifier) => {
      await rejects(
        () => classifier.run(classifier.toInput(batchOf([1, 0, 0]), [1, 3, 8, 8])),
        /the first output must be float32, received float64; export the class scores as float32/,
      );
    });
  });
});

describe('sessionOptions', (it) => {
  it('sets the intra-op threads and one inter-op thread', () => {
    const options = sessionOptions({ threads: 3 });
    assert.is(options.intraOpNumThreads, 3);
    assert.is(options.interOpNumThreads, 1);
  });

  it('can be written as JSON, because it is part of a key', () => {
    const options = sessionOptions({ threads: 1 });
    assert.equal(JSON.parse(JSON.stringify(options)), options);
  });
});

describe('runtimeVersion', (it) => {
  it('names the runtime and its version', () => {
    assert.match(runtimeVersion(), /^onnxruntime-node \d+\.\d+\.\d+$/);
  });
});
