import type { GraphEditor } from '../../onnx/rewrite/graphEditor.ts';

/** Weights of 8 bits in the layout of their operator. */
export interface IntegerWeights {
  readonly dims: readonly number[];
  readonly data: Int8Array;
  /** One per output channel, or one for all. */
  readonly scales: Float32Array;
  /** The axis of the output channels. */
  readonly axis: number;
}

/**
 * Stores the weights of one node and returns the name of their floats. Each node has tensors of its
 * own: the runtime fuses none that two nodes read.
 */
export function storeWeights(graph: GraphEditor, name: string, { dims, data, scales, axis }: IntegerWeights): string {
  const scaleDims = dimsOfScales(scales);
  return graph.addNode({
    opType: 'DequantizeLinear',
    inputs: [
      graph.addConstant(`${name}_weights`, dims, data),
      graph.addFloats(`${name}_weights_scale`, scaleDims, scales),
      graph.addConstant(`${name}_weights_zero_point`, scaleDims, new Int8Array(scales.length)),
    ],
    attributes: scaleDims.length === 0 ? {} : { axis: { int: axis } },
    hint: `${name}_weights_dequantized`,
  });
}

/** Stores the bias of one node, whose scale must be that of its input times those of its weights. */
export function storeBias(graph: GraphEditor, name: string, data: Int32Array, scales: Float32Array): string {
  const scaleDims = dimsOfScales(scales);
  return graph.addNode({
    opType: 'DequantizeLinear',
    inputs: [
      graph.addConstant(`${name}_bias`, [data.length], data),
      graph.addFloats(`${name}_bias_scale`, scaleDims, scales),
    ],
    attributes: scaleDims.length === 0 ? {} : { axis: { int: 0 } },
    hint: `${name}_bias_dequantized`,
  });
}

function dimsOfScales(scales: Float32Array): readonly number[] {
  return scales.length === 1 ? [] : [scales.length];
}
