import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TensorProto_DataType as DataType } from '../../src/onnx/generated/onnx_pb.ts';
import { encode, floats, int64s, model, node, value } from '../onnx/build.ts';

export interface TinyOptions {
  /** Sizes of the input; names stand for sizes that are left open. */
  readonly input?: readonly (number | string)[];
  /** Per class the weight of each channel's mean, then the bias: its logit. */
  readonly classes?: readonly (readonly [number, number, number, number])[];
  readonly softmax?: boolean;
}

/** Two logits: how red the image is, and how blue. */
const RED_AND_BLUE: NonNullable<TinyOptions['classes']> = [
  [8, 0, 0, 0.25],
  [0, 0, 8, -0.25],
];

/** A classifier whose answer anybody can compute: one weighted sum of the channels' means per class. */
export function tinyClassifier({ input, classes = RED_AND_BLUE, softmax = false }: TinyOptions = {}): Uint8Array {
  const count = classes.length;
  const weights = [0, 1, 2].flatMap((channel) => classes.map((row) => row[channel] ?? 0));
  const biases = classes.map((row) => row[3]);
  const logits = softmax ? 'logits' : 'y';
  return encode(
    model({
      input: [value('x', input ?? ['N', 3, 8, 8])],
      output: [value('y', [input?.[0] ?? 'N', count])],
      initializer: [floats('w', [3, count], weights), floats('b', [count], biases)],
      node: [
        node('GlobalAveragePool', ['x'], ['means']),
        node('Flatten', ['means'], ['flat']),
        node('Gemm', ['flat', 'w', 'b'], [logits]),
        ...(softmax ? [node('Softmax', [logits], ['y'], { axis: 1 })] : []),
      ],
    }),
  );
}

/** Convolutions that keep two threads busy for some milliseconds, then two logits. */
export function busyClassifier(): Uint8Array {
  const wide = [0, 1, 2, 3].map((layer) => ({ weight: `k${layer}`, from: layer === 0 ? 'x' : `c${layer}` }));
  return encode(
    model({
      input: [value('x', [1, 3, 64, 64])],
      output: [value('y', [1, 2])],
      initializer: [
        ...wide.map(({ weight }, layer) => {
          const inputs = layer === 0 ? 3 : 48;
          return floats(
            weight,
            [48, inputs, 3, 3],
            Array.from({ length: 48 * inputs * 9 }, () => 1 / (inputs * 9)),
          );
        }),
        floats(
          'w',
          [48, 2],
          Array.from({ length: 96 }, (_, i) => (i % 2 === 0 ? 1 / 48 : -1 / 48)),
        ),
      ],
      node: [
        ...wide.map(({ weight, from }, layer) =>
          node('Conv', [from, weight], [`c${layer + 1}`], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
        ),
        node('GlobalAveragePool', ['c4'], ['means']),
        node('Flatten', ['means'], ['flat']),
        node('MatMul', ['flat', 'w'], ['y']),
      ],
    }),
  );
}

/** A model of the tiny classifier's shape that does not answer float32. */
export function doubleClassifier(): Uint8Array {
  return encode(
    model({
      input: [value('x', ['N', 3, 8, 8])],
      output: [value('y', ['N', 3], DataType.DOUBLE)],
      node: [
        node('GlobalAveragePool', ['x'], ['means']),
        node('Flatten', ['means'], ['flat']),
        node('Cast', ['flat'], ['y'], { to: DataType.DOUBLE }),
      ],
    }),
  );
}

/** Runs `use` with the path of a file of its own, and removes it. */
export async function withModel(bytes: Uint8Array, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'beltbench-runtime-'));
  try {
    const path = join(folder, 'model.onnx');
    await writeFile(path, bytes);
    await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A classifier that cannot be run on an image with any blue in it: it looks up an entry that is not there. */
export function blueFearingClassifier(): Uint8Array {
  return encode(
    model({
      input: [value('x', ['N', 3, 8, 8])],
      output: [value('y', ['N', 2])],
      initializer: [
        floats('pick', [3, 1], [0, 0, 1]),
        floats('many', [], [255]),
        floats('table', [1, 2], [1, -1]),
        int64s('axis', [1]),
      ],
      node: [
        node('GlobalAveragePool', ['x'], ['means']),
        node('Flatten', ['means'], ['flat']),
        node('MatMul', ['flat', 'pick'], ['blue']),
        node('Mul', ['blue', 'many'], ['entry']),
        node('Cast', ['entry'], ['entries'], { to: DataType.INT64 }),
        node('Squeeze', ['entries', 'axis'], ['index']),
        node('Gather', ['table', 'index'], ['y'], { axis: 0 }),
      ],
    }),
  );
}
