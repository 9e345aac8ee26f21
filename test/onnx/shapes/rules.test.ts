import * as assert from 'uvu/assert';
import type { NodeProto, TensorProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { inferShapes } from '../../../src/onnx/shapes/infer.ts';
import type { Shape } from '../../../src/onnx/shapes/types.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, tensor, value } from '../build.ts';

interface Case {
  readonly node: NodeProto;
  /** Shapes of the graph's inputs, by name. */
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly constants?: readonly TensorProto[];
  readonly outputs: readonly (Shape | undefined)[];
  readonly opset?: number;
}

function check({ node: only, inputs, constants = [], outputs, opset }: Case): void {
  const message = model(
    {
      input: Object.entries(inputs).map(([name, dims]) => value(name, dims)),
      initializer: [...constants],
      node: [only],
    },
    opset,
  );
  assert.ok(message.graph !== undefined);
  const { shapeOf } = inferShapes(message, message.graph);
  assert.equal(
    only.output.map((name) => shapeOf(name)),
    [...outputs],
    `${only.opType} of ${JSON.stringify(inputs)}`,
  );
}

const image = { x: [1, 3, 32, 30] };
const scale = floats('s', [], [0.1]);

// Where no comment says otherwise, the expected shapes are those of PyTorch or of ONNX's operator tests.
describe('the shape rules', (it) => {
  it('slide the windows of convolutions and poolings', () => {
    const cases: readonly Case[] = [
      {
        node: node('Conv', ['x', 'w'], ['y'], { pads: [3, 3, 3, 3], strides: [2, 2] }),
        inputs: image,
        constants: [floats('w', [64, 3, 7, 7])],
        outputs: [[1, 64, 16, 15]],
      },
      {
        node: node('Conv', ['x', 'w'], ['y'], { dilations: [2, 3] }),
        inputs: image,
        constants: [floats('w', [8, 3, 3, 3])],
        outputs: [[1, 8, 28, 24]],
      },
      {
        node: node('Conv', ['x', 'w'], ['y'], { auto_pad: 'SAME_UPPER', strides: [2, 4] }),
        inputs: image,
        constants: [floats('w', [8, 3, 3, 3])],
        outputs: [[1, 8, 16, 8]],
      },
      {
        node: node('Conv', ['x', 'w'], ['y'], { auto_pad: 'VALID' }),
        inputs: { x: [2, 1, 10] },
        constants: [floats('w', [5, 1, 4])],
        outputs: [[2, 5, 7]],
      },
      {
        node: node(
          'QLinearConv',
          ['x', 's', 'z', 'w', 's', 'z', 's', 'z'],
          ['y'],
          { channels_last: 1 },
          'com.microsoft',
        ),
        inputs: { x: [1, 32, 30, 3] },
        constants: [floats('w', [8, 3, 2, 2]), scale],
        outputs: [[1, 31, 29, 8]],
      },
      {
        node: node('ConvTranspose', ['x', 'w'], ['y'], { strides: [3, 2], output_padding: [1, 1] }),
        inputs: { x: [1, 1, 3, 3] },
        constants: [floats('w', [1, 2, 3, 3])],
        outputs: [[1, 2, 10, 8]],
      },
      {
        node: node('MaxPool', ['x'], ['y', 'i'], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
        inputs: image,
        outputs: [
          [1, 3, 16, 15],
          [1, 3, 16, 15],
        ],
      },
      {
        node: node('AveragePool', ['x'], ['y'], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
        inputs: { x: [1, 1, 4, 4] },
        outputs: [[1, 1, 2, 2]],
      },
      {
        // PyTorch drops the last window, which would start behind the image, in the padding.
        node: node('MaxPool', ['x'], ['y'], {
          kernel_shape: [1, 1],
          strides: [2, 2],
          pads: [0, 0, 1, 1],
          ceil_mode: 1,
        }),
        inputs: { x: [1, 1, 2, 2] },
        outputs: [[1, 1, 1, 1]],
      },
      { node: node('GlobalAveragePool', ['x'], ['y']), inputs: image, outputs: [[1, 3, 1, 1]] },
    ];
    cases.forEach(check);
  });

  it('multiply matrices, stacks of them and vectors', () => {
    const inputs = { a: [2, 1, 4, 5], b: [3, 5, 6] };
    const cases: readonly Case[] = [
      { node: node('MatMul', ['a', 'b'], ['y']), inputs, outputs: [[2, 3, 4, 6]] },
      { node: node('MatMul', ['a', 'b'], ['y']), inputs: { a: [5], b: [3, 5, 6] }, outputs: [[3, 6]] },
      { node: node('MatMul', ['a', 'b'], ['y']), inputs: { a: [4, 5], b: [5] }, outputs: [[4]] },
      { node: node('MatMul', ['a', 'b'], ['y']), inputs: { a: [5], b: [5] }, outputs: [[]] },
      { node: node('MatMulInteger', ['a', 'b'], ['y']), inputs, outputs: [[2, 3, 4, 6]] },
      {
        node: node('Gemm', ['a', 'b'], ['y'], { transA: 1, transB: 1 }),
        inputs: { a: [5, 4], b: [6, 5] },
        outputs: [[4, 6]],
      },
      {
        node: node('QGemm', ['a', 's', 'z', 'b', 's', 'z'], ['y'], { transB: 1 }, 'com.microsoft'),
        inputs: { a: [4, 5], b: [6, 5] },
        outputs: [[4, 6]],
      },
      {
        node: node('MatMulNBits', ['a', 'b', 's'], ['y'], { K: 5, N: 7, bits: 8 }, 'com.microsoft'),
        inputs: { a: [2, 4, 5], b: [7, 1, 5] },
        outputs: [[2, 4, 7]],
      },
    ];
    cases.forEach(check);
  });

  it('broadcast, and take a known size above 1 over an unknown one', () => {
    const cases: readonly Case[] = [
      { node: node('Add', ['a', 'b'], ['y']), inputs: { a: [2, 1, 4], b: [3, 1] }, outputs: [[2, 3, 4]] },
      { node: node('Mul', ['a', 'b'], ['y']), inputs: { a: [2, 'h', 'w'], b: [3, 1] }, outputs: [[2, 3, undefined]] },
      {
        node: node('Where', ['c', 'a', 'b'], ['y']),
        inputs: { c: [4], a: [3, 1], b: [] },
        outputs: [[3, 4]],
      },
      {
        node: node('QLinearAdd', ['a', 's', 'z', 'b', 's', 'z', 's', 'z'], ['y'], {}, 'com.microsoft'),
        inputs: { a: [2, 1, 4], b: [3, 1] },
        outputs: [[2, 3, 4]],
      },
      {
        node: node('LayerNormalization', ['a', 'g'], ['y'], { axis: -1 }),
        inputs: { a: [2, 5], g: [5] },
        outputs: [[2, 5]],
      },
      { node: node('DynamicQuantizeLinear', ['a'], ['y', 's', 'z']), inputs: { a: [2, 5] }, outputs: [[2, 5], [], []] },
    ];
    cases.forEach(check);
  });

  it('rearrange axes', () => {
    const inputs = { x: [2, 3, 4] };
    const cases: readonly Case[] = [
      { node: node('Transpose', ['x'], ['y'], { perm: [2, 0, 1] }), inputs, outputs: [[4, 2, 3]] },
      { node: node('Transpose', ['x'], ['y']), inputs, outputs: [[4, 3, 2]] },
      { node: node('Flatten', ['x'], ['y']), inputs, outputs: [[2, 12]] },
      { node: node('Flatten', ['x'], ['y'], { axis: 0 }), inputs, outputs: [[1, 24]] },
      { node: node('Flatten', ['x'], ['y'], { axis: -1 }), inputs, outputs: [[6, 4]] },
      { node: node('Reshape', ['x', 'k'], ['y']), inputs, constants: [int64s('k', [0, -1, 2])], outputs: [[2, 6, 2]] },
      {
        node: node('Reshape', ['x', 'k'], ['y'], { allowzero: 1 }),
        inputs: { x: [0, 3] },
        constants: [int64s('k', [3, 0])],
        outputs: [[3, 0]],
      },
      {
        node: node('Squeeze', ['x', 'k'], ['y']),
        inputs: { x: [1, 3, 1] },
        constants: [int64s('k', [-1])],
        outputs: [[1, 3]],
      },
      { node: node('Squeeze', ['x'], ['y']), inputs: { x: [1, 3, 1] }, outputs: [[3]] },
      { node: node('Squeeze', ['x'], ['y'], { axes: [0] }), inputs: { x: [1, 3, 1] }, outputs: [[3, 1]], opset: 11 },
      {
        node: node('Unsqueeze', ['x', 'k'], ['y']),
        inputs,
        constants: [int64s('k', [0, -1])],
        outputs: [[1, 2, 3, 4, 1]],
      },
      {
        node: node('Expand', ['x', 'k'], ['y']),
        inputs: { x: [3, 1] },
        constants: [int64s('k', [2, 1, 6])],
        outputs: [[2, 3, 6]],
      },
      { node: node('Tile', ['x', 'k'], ['y']), inputs, constants: [int64s('k', [1, 2, 3])], outputs: [[2, 6, 12]] },
      {
        node: node('DepthToSpace', ['x'], ['y'], { blocksize: 3 }),
        inputs: { x: [1, 63, 2, 3] },
        outputs: [[1, 7, 6, 9]],
      },
      {
        node: node('SpaceToDepth', ['x'], ['y'], { blocksize: 3 }),
        inputs: { x: [1, 7, 6, 9] },
        outputs: [[1, 63, 2, 3]],
      },
    ];
    cases.forEach(check);
  });

  it('cut, join, pad and resize', () => {
    const inputs = { x: [20, 10, 5] };
    const slice = (starts: number[], ends: number[], axes: number[], steps: number[], outputs: Shape): Case => ({
      node: node('Slice', ['x', 'from', 'to', 'along', 'step'], ['y']),
      inputs,
      constants: [int64s('from', starts), int64s('to', ends), int64s('along', axes), int64s('step', steps)],
      outputs: [outputs],
    });
    const cases: readonly Case[] = [
      slice([0, 0], [3, 10], [0, 1], [1, 1], [3, 10, 5]),
      slice([20, 10, 4], [0, 0, 1], [0, 1, 2], [-1, -3, -2], [19, 3, 2]),
      slice([-3], [2 ** 53], [-1], [1], [20, 10, 3]),
      slice([3], [1], [0], [1], [0, 10, 5]),
      {
        node: node('Slice', ['x'], ['y'], { starts: [1], ends: [-1], axes: [0] }),
        inputs,
        outputs: [[18, 10, 5]],
        opset: 9,
      },
      {
        node: node('Gather', ['x', 'k'], ['y'], { axis: 1 }),
        inputs,
        constants: [int64s('k', [1, 2])],
        outputs: [[20, 2, 5]],
      },
      {
        node: node('Gather', ['x', 'k'], ['y']),
        inputs,
        constants: [tensor('k', [], { dataType: 7, int64Data: [1n] })],
        outputs: [[10, 5]],
      },
      { node: node('Concat', ['x', 'x'], ['y'], { axis: -1 }), inputs, outputs: [[20, 10, 10]] },
      {
        node: node('Split', ['x', 'k'], ['y', 'z'], { axis: 1 }),
        inputs,
        constants: [int64s('k', [7, 3])],
        outputs: [
          [20, 7, 5],
          [20, 3, 5],
        ],
      },
      {
        node: node('Split', ['x'], ['y', 'z'], { axis: 2, num_outputs: 2 }),
        inputs,
        outputs: [
          [20, 10, 3],
          [20, 10, 2],
        ],
      },
      {
        node: node('Pad', ['x', 'k'], ['y']),
        inputs,
        constants: [int64s('k', [0, 1, 2, 0, 0, 3])],
        outputs: [[20, 11, 10]],
      },
      {
        node: node('Pad', ['x', 'k', '', 'along'], ['y']),
        inputs,
        constants: [int64s('k', [1, -2]), int64s('along', [-1])],
        outputs: [[20, 10, 4]],
      },
      {
        node: node('Resize', ['x', '', 'k'], ['y']),
        inputs,
        constants: [floats('k', [3], [1, 0.25, 2.5])],
        outputs: [[20, 2, 12]],
      },
      {
        node: node('Resize', ['x', '', '', 'k'], ['y']),
        inputs,
        constants: [int64s('k', [20, 8, 8])],
        outputs: [[20, 8, 8]],
      },
    ];
    cases.forEach(check);
  });

  it('reduce along the axes that either form of the operator names', () => {
    const inputs = { x: [3, 2, 4] };
    const cases: readonly Case[] = [
      { node: node('ReduceMean', ['x', 'k'], ['y']), inputs, constants: [int64s('k', [-1])], outputs: [[3, 2, 1]] },
      { node: node('ReduceMean', ['x'], ['y'], { axes: [1, 2], keepdims: 0 }), inputs, outputs: [[3]], opset: 13 },
      { node: node('ReduceL2', ['x'], ['y']), inputs, outputs: [[1, 1, 1]] },
      { node: node('ReduceSum', ['x'], ['y'], { noop_with_empty_axes: 1 }), inputs, outputs: [[3, 2, 4]] },
      { node: node('ArgMax', ['x'], ['y'], { axis: 1, keepdims: 0 }), inputs, outputs: [[3, 4]] },
      {
        node: node('TopK', ['x', 'k'], ['y', 'i'], { axis: 2 }),
        inputs,
        constants: [int64s('k', [3])],
        outputs: [
          [3, 2, 3],
          [3, 2, 3],
        ],
      },
    ];
    cases.forEach(check);
  });

  it('leave unknown what they cannot tell', () => {
    const cases: readonly Case[] = [
      { node: node('Reshape', ['x', 'k'], ['y']), inputs: { x: [2, 3], k: [2] }, outputs: [[undefined, undefined]] },
      {
        node: node('Conv', ['x', 'w'], ['y']),
        inputs: { x: [1, 3, 'h', 9], w: [8, 3, 3, 3] },
        outputs: [[1, 8, undefined, 7]],
      },
      {
        node: node('Conv', ['x', 'w'], ['y']),
        inputs: { x: [1, 3, 2, 2], w: [8, 3, 3, 3] },
        outputs: [[1, 8, undefined, undefined]],
      },
      { node: node('NonZero', ['x'], ['y']), inputs: { x: [2, 3] }, outputs: [undefined] },
      { node: node('constructor', ['x'], ['y']), inputs: { x: [2, 3] }, outputs: [undefined] },
      { node: node('Relu', ['x'], ['y'], {}, 'com.example'), inputs: { x: [2, 3] }, outputs: [undefined] },
    ];
    cases.forEach(check);
  });
});
