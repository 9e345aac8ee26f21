import { transpose } from '../../onnx/architectures/layers.ts';
import { type NodeProto, TensorProto_DataType as DataType } from '../../onnx/generated/onnx_pb.ts';
import type { GraphEditor } from '../../onnx/rewrite/graphEditor.ts';
import { floatConstant } from '../../onnx/rewrite/matching.ts';
import type { Recipe } from '../../records/recipe.ts';
import { quantizeWeights } from '../weights.ts';
import { outputAxis, storedWeight } from './staticMultiplier.ts';

/**
 * Replaces a Gemm or MatMul by standard operators that round its input to 8 bits with a range found
 * in every run. The runtime joins them to one DynamicQuantizeMatMul, bias included.
 */
export function emitDynamic(graph: GraphEditor, node: NodeProto, recipe: Recipe): void {
  const { name } = node;
  const stored = storedWeight(graph, node);
  const weight = outputAxis(node) === 0 ? transpose(stored) : stored;
  const { data, scales } = quantizeWeights(weight, { ...recipe, axis: 1 });
  const bias = floatConstant(graph, node.input[2])?.data;
  const [output = ''] = node.output;
  const [x = ''] = node.input;
  graph.remove(node);

  const dims = scales.length === 1 ? [] : [scales.length];
  const input = graph.addNode({ opType: 'DynamicQuantizeLinear', inputs: [x], hint: `${name}_input` });
  const inputScale = graph.freshName(`${name}_input_scale`);
  const inputZero = graph.freshName(`${name}_input_zero_point`);
  graph.producer(input)?.output.push(inputScale, inputZero);
  graph.changed();
  const product = graph.addNode({
    opType: 'MatMulInteger',
    inputs: [
      input,
      graph.addConstant(`${name}_weights`, weight.dims, data),
      inputZero,
      graph.addConstant(`${name}_weights_zero_point`, dims, new Int8Array(scales.length)),
    ],
    hint: `${name}_product`,
  });
  const multiplication = graph.producer(product);
  if (multiplication !== undefined) {
    // The proof of fusion looks for the planned node by its name.
    multiplication.name = name;
  }
  const scale = graph.addNode({
    opType: 'Mul',
    inputs: [inputScale, graph.addFloats(`${name}_weights_scale`, dims, scales)],
    hint: `${name}_scale`,
  });
  const cast = graph.addNode({ opType: 'Cast', inputs: [product], attributes: { to: { int: DataType.FLOAT } } });
  const scaled = graph.addNode({ opType: 'Mul', inputs: [cast, scale], hint: `${name}_scaled` });
  const result =
    bias === undefined
      ? scaled
      : graph.addNode({ opType: 'Add', inputs: [scaled, graph.addFloats(`${name}_bias`, [bias.length], bias)] });
  graph.replaceUses(output, result);
}
