import * as assert from 'uvu/assert';
import type { ModelProto, NodeProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { fixInputs } from '../../../src/onnx/rewrite/fixInputs.ts';
import { foldBatchNorm } from '../../../src/onnx/rewrite/foldBatchNorm.ts';
import { foldIdentity } from '../../../src/onnx/rewrite/foldIdentity.ts';
import { foldShapes } from '../../../src/onnx/rewrite/foldShapes.ts';
import type { Pass } from '../../../src/onnx/rewrite/pass.ts';
import { upgradeOpset } from '../../../src/onnx/rewrite/upgradeOpset.ts';
import { zeroSubnormals } from '../../../src/onnx/rewrite/zeroSubnormals.ts';
import { encodeModel } from '../../../src/onnx/encode.ts';
import { BeltbenchError } from '../../../src/shared/errors.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, tensor, value } from '../build.ts';
import { operatorCounts, rewritten } from './run.ts';

const PASSES: readonly Pass[] = [fixInputs(), foldShapes, foldIdentity, foldBatchNorm, upgradeOpset, zeroSubnormals];

/** Every operator that a pass or a shape rule looks at closely. */
const OPERATORS = `
  Identity Dropout Cast CastLike Transpose Reshape Flatten Expand Squeeze Unsqueeze Constant ConstantOfShape Shape
  Size Gather Slice Concat Range Where Equal Add Div Floor ReduceProd ReduceMean ReduceL2 Split RoiAlign GridSample
  DFT BatchNormalization Conv Gemm MatMul MaxPool Resize Pad Tile TopK LayerNormalization
`
  .trim()
  .split(/\s+/);

/** The sizes that no tensor has, as a shape and as the numbers of a constant. */
const ABSURD = [0, -1, -7, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER];

function hostile(nodes: readonly NodeProto[], dims: readonly (number | string)[] = ['N', 3, 4, 4]): ModelProto {
  return model(
    {
      input: [value('x', dims)],
      output: [value('y', [])],
      initializer: [
        ...ABSURD.map((size, index) => int64s(`absurd_${index}`, [size, size])),
        floats('nan', [2], [Number.NaN, Number.POSITIVE_INFINITY]),
        floats('empty', [0], []),
        tensor('text', [1], { dataType: 8, stringData: [new Uint8Array(3)] }),
        tensor('many', [1, 1, 1, 1, 1, 1, 1, 1], { dataType: 7, int64Data: [1n] }),
      ],
      node: [...nodes],
    },
    17,
  );
}

/** Asserts that a graph is rewritten, or refused with one line; anything else is a bug. */
function survives(original: ModelProto, what: string): void {
  try {
    encodeModel(rewritten(original, ...PASSES).model);
  } catch (error) {
    if (!(error instanceof BeltbenchError)) {
      throw new Error(`${what}: ${String(error)}`, { cause: error });
    }
  }
}

describe('the basic passes', (it) => {
  it('survive every operator without inputs, without outputs, and with nameless ones', () => {
    const forms: readonly (readonly [inputs: readonly string[], outputs: readonly string[]])[] = [
      [[], ['y']],
      [['x'], []],
      [[''], ['y']],
      [
        ['', '', '', '', ''],
        ['y', '', ''],
      ],
      [
        ['nowhere', 'nowhere', 'nowhere'],
        ['y', 'y', 'y'],
      ],
      [
        ['x', 'x', 'x', 'x', 'x', 'x', 'x', 'x'],
        ['', 'y'],
      ],
    ];
    for (const opType of OPERATORS) {
      for (const [inputs, outputs] of forms) {
        survives(hostile([node(opType, inputs, outputs)]), `${opType}(${inputs.join()})`);
      }
    }
  });

  it('survive absurd sizes, axes and constants', () => {
    const constants = ['nan', 'empty', 'text', 'many', ...ABSURD.map((_, index) => `absurd_${index}`)];
    for (const opType of OPERATORS) {
      for (const constant of constants) {
        survives(hostile([node(opType, ['x', constant, constant, constant], ['y'])]), `${opType}(x, ${constant})`);
        survives(hostile([node(opType, [constant, constant, constant], ['y'])]), `${opType}(${constant})`);
      }
      for (const size of ABSURD) {
        const attributes = {
          axis: size,
          to: size,
          axes: [size, size],
          perm: [size],
          start: size,
          end: size,
          group: size,
        };
        survives(hostile([node(opType, ['x', 'x'], ['y'], attributes)], [1, size, size]), `${opType} of ${size}`);
      }
    }
  });

  it('survive attributes of another kind than the operator has', () => {
    for (const opType of OPERATORS) {
      for (const wrong of ['text', [1, 2], { f: Number.NaN }, floats('', [1])]) {
        const attributes = Object.fromEntries(
          ['axis', 'axes', 'to', 'perm', 'value', 'value_int', 'value_floats', 'mode', 'transB'].map((name) => [
            name,
            wrong,
          ]),
        );
        survives(hostile([node(opType, ['x', 'absurd_0', 'nan'], ['y'], attributes)]), opType);
      }
    }
  });

  it('survive values of more axes than any tensor has, and outputs nobody computes', () => {
    survives(hostile([node('Relu', ['x'], ['z'])]), 'no output');
    survives(
      hostile(
        [node('Reshape', ['x', 'x'], ['y'])],
        Array.from({ length: 500 }, () => 1),
      ),
      '500 axes',
    );
    survives(hostile([node('Identity', ['y'], ['y'])]), 'a cycle of one');
    survives(hostile([node('Identity', ['x'], ['x']), node('Identity', ['x'], ['y'])]), 'an input computed again');
  });

  it('take a graph of 60,000 nodes that all vanish in seconds', () => {
    const length = 20_000;
    const nodes = Array.from({ length }, (_, index) => [
      node('Constant', [], [`c${index}`], { value_ints: [1, 3, 4, 4] }),
      node('Reshape', [index === 0 ? 'x' : `b${index - 1}`, `c${index}`], [`a${index}`]),
      node('Identity', [`a${index}`], [`b${index}`]),
    ]).flat();
    const started = performance.now();
    const { model: after } = rewritten(
      hostile([...nodes, node('Relu', [`b${length - 1}`], ['y'])], [1, 3, 4, 4]),
      ...PASSES,
    );
    assert.equal(operatorCounts(after), { Relu: 1 });
    assert.ok(performance.now() - started < 20_000, 'quadratic passes would take minutes');
  });
});
