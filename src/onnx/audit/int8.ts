import { elementTypeOf } from '../elementTypes.ts';
import { type GraphProto, type NodeProto, TensorProto_DataType as DataType } from '../generated/onnx_pb.ts';
import { constantsIn } from './constants.ts';
import { intAttribute, opKey } from '../node.ts';

/** Operators that multiply 8-bit integers themselves. */
const INTEGER_PRODUCTS = new Set([
  'ConvInteger',
  'MatMulInteger',
  'QLinearConv',
  'QLinearMatMul',
  'com.microsoft.DynamicQuantizeMatMul',
  'com.microsoft.MatMulIntegerToFloat',
  'com.microsoft.QGemm',
  'com.microsoft.QLinearConv',
]);

/** Operators that a runtime turns into those when both factors come straight out of DequantizeLinear. */
const FLOAT_PRODUCTS = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** Operators that leave numbers and their type as they are. */
const PASSING = new Set([
  'Concat',
  'Expand',
  'Flatten',
  'Gather',
  'Identity',
  'MaxPool',
  'Pad',
  'Reshape',
  'Slice',
  'Split',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
]);

/** Further than a graph moves numbers about; a file may even go in circles. */
const MOST_MOVES = 100;

/** How a node's two factors come to it. */
export type ProductKind = 'int8' | 'weight_only' | 'float';

/**
 * Tells which products of `graph` a runtime can compute with 8-bit integers. A float operator
 * counts when both its factors, weights and activations, come straight out of DequantizeLinear
 * from 8-bit integers (the QDQ form); `weight_only` is one whose second factor alone does.
 * Whether a given runtime fuses it is for that runtime's own graph to show.
 */
export function int8Products(graph: GraphProto): (node: NodeProto) => ProductKind {
  const producers = new Map(graph.node.flatMap((node) => node.output.map((name): [string, NodeProto] => [name, node])));
  const stored = new Map([...constantsIn(graph)].map(({ name, tensor }): [string, number] => [name, tensor.dataType]));
  for (const { name, type } of [...graph.input, ...graph.valueInfo]) {
    if (type?.value.case === 'tensorType' && !stored.has(name)) {
      stored.set(name, type.value.value.elemType);
    }
  }

  /** The element type of a value that holds quantised numbers, as far as it can be followed. */
  function quantizedType(name: string): number | undefined {
    let current = name;
    for (let moves = 0; moves <= MOST_MOVES; moves += 1) {
      const known = stored.get(current);
      if (known !== undefined) {
        return known;
      }
      const producer = producers.get(current);
      if (producer === undefined) {
        return undefined;
      }
      if (producer.opType === 'QuantizeLinear') {
        return outputType(producer);
      }
      if (producer.opType === 'DynamicQuantizeLinear') {
        return DataType.UINT8;
      }
      if (!PASSING.has(opKey(producer))) {
        return undefined;
      }
      current = producer.input[0] ?? '';
    }
    return undefined;
  }

  function outputType(quantize: NodeProto): number {
    const zeroPoint = stored.get(quantize.input[2] ?? '');
    const asked = intAttribute(quantize, 'output_dtype') ?? 0;
    return zeroPoint ?? (asked === 0 ? DataType.UINT8 : asked);
  }

  function comesFromInt8(name: string | undefined): boolean {
    const producer = producers.get(name ?? '');
    return producer?.opType === 'DequantizeLinear' && isInt8(quantizedType(producer.input[0] ?? ''));
  }

  return (node) => {
    const op = opKey(node);
    if (INTEGER_PRODUCTS.has(op)) {
      return 'int8';
    }
    if (!FLOAT_PRODUCTS.has(op)) {
      return op === 'com.microsoft.MatMulNBits' ? 'weight_only' : 'float';
    }
    const [activation, weight] = [comesFromInt8(node.input[0]), comesFromInt8(node.input[1])];
    if (weight) {
      return activation ? 'int8' : 'weight_only';
    }
    return 'float';
  };
}

/** Whether ONNX's element type `dataType` is an 8-bit integer. */
export function isInt8(dataType: number | undefined): boolean {
  const name = elementTypeOf(dataType ?? DataType.UNDEFINED)?.name;
  return name === 'int8' || name === 'uint8';
}
