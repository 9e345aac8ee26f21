import type { ModelProto } from '../../src/onnx/generated/onnx_pb.ts';
import { floats, int64s, model, node, value } from '../onnx/build.ts';
import { layer, randomFloats } from './quantizeSmall.ts';

const SAME = { pads: [1, 1, 1, 1] };

/** A small ResNet: stem, MaxPool, one block without and one with a convolution on its shortcut, pool, head. */
export function residualNet(): ModelProto {
  return model({
    input: [value('x', [1, 4, 16, 16])],
    output: [value('logits', [1, 2])],
    initializer: [
      ...layer('stem', [16, 4, 3, 3]),
      ...layer('a1', [16, 16, 3, 3]),
      ...layer('a2', [16, 16, 3, 3]),
      ...layer('b1', [32, 16, 3, 3]),
      ...layer('b2', [32, 32, 3, 3]),
      ...layer('short', [32, 16, 1, 1]),
      ...layer('fc', [2, 32]),
      int64s('axes', [2, 3]),
    ],
    node: [
      node('Conv', ['x', 'stem.w', 'stem.b'], ['stem'], SAME),
      node('Relu', ['stem'], ['stem_relu']),
      node('MaxPool', ['stem_relu'], ['pooled'], { kernel_shape: [3, 3], strides: [2, 2], ...SAME }),
      node('Conv', ['pooled', 'a1.w', 'a1.b'], ['a1'], SAME),
      node('Relu', ['a1'], ['a1_relu']),
      node('Conv', ['a1_relu', 'a2.w', 'a2.b'], ['a2'], SAME),
      node('Add', ['a2', 'pooled'], ['a_sum']),
      node('Relu', ['a_sum'], ['a']),
      node('Conv', ['a', 'b1.w', 'b1.b'], ['b1'], { strides: [2, 2], ...SAME }),
      node('Relu', ['b1'], ['b1_relu']),
      node('Conv', ['b1_relu', 'b2.w', 'b2.b'], ['b2'], SAME),
      node('Conv', ['a', 'short.w', 'short.b'], ['short'], { strides: [2, 2] }),
      node('Add', ['b2', 'short'], ['b_sum']),
      node('Relu', ['b_sum'], ['b']),
      node('ReduceMean', ['b', 'axes'], ['mean'], { keepdims: 1 }),
      node('Flatten', ['mean'], ['flat']),
      node('Gemm', ['flat', 'fc.w', 'fc.b'], ['logits'], { transB: 1 }),
    ],
  });
}

/** Rows of 8 numbers through two linear layers in the canonical form, with a Gelu between them, and a head. */
export function perceptron(): ModelProto {
  return model({
    input: [value('x', [6, 8])],
    output: [value('y', [6, 2])],
    initializer: [...layer('up', [8, 32], 32), ...layer('down', [32, 8], 8), ...layer('head', [8, 2], 2)],
    node: [
      node('Gemm', ['x', 'up.w', 'up.b'], ['up']),
      node('Gelu', ['up'], ['gelu']),
      node('Gemm', ['gelu', 'down.w', 'down.b'], ['down']),
      node('Add', ['down', 'x'], ['sum']),
      node('Gemm', ['sum', 'head.w', 'head.b'], ['y']),
    ],
  });
}

/** One block of a ConvNeXt as exporters write it: MatMul and the Add of its bias stand apart, with three axes. */
export function matMulAndBias(): ModelProto {
  return model({
    input: [value('x', [1, 6, 16])],
    output: [value('y', [1, 6, 2])],
    initializer: [
      randomFloats('norm.w', [16], 1),
      randomFloats('norm.b', [16], 1),
      ...layer('up', [16, 64], 64),
      ...layer('head', [64, 2], 2),
    ],
    node: [
      node('LayerNormalization', ['x', 'norm.w', 'norm.b'], ['norm'], { axis: -1 }),
      node('MatMul', ['norm', 'up.w'], ['product']),
      node('Add', ['product', 'up.b'], ['up']),
      node('Gelu', ['up'], ['gelu']),
      node('MatMul', ['gelu', 'head.w'], ['y']),
    ],
  });
}

/** A convolution, `between` with whatever nodes, and a convolution of what they answer. */
export function between(
  nodes: readonly ReturnType<typeof node>[],
  last: string,
  more: readonly ReturnType<typeof floats>[] = [],
): ModelProto {
  return model({
    input: [value('x', [1, 4, 8, 8])],
    output: [value('y', [1, 8, 8, 8])],
    initializer: [...layer('first', [16, 4, 3, 3]), ...layer('second', [8, 16, 1, 1]), ...more],
    node: [
      node('Conv', ['x', 'first.w', 'first.b'], ['first'], SAME),
      ...nodes,
      node('Conv', [last, 'second.w', 'second.b'], ['y']),
    ],
  });
}
