import type { PairSums } from '../../records/comparison.ts';
import { printable } from '../badModel.ts';
import { elementTypeOf } from '../elementTypes.ts';
import type { GraphProto, NodeProto } from '../generated/onnx_pb.ts';
import { intAttribute, opKey } from '../node.ts';
import { tensorValues } from '../tensor.ts';
import { constantsIn, type Constant } from './constants.ts';
import { int8Products } from './int8.ts';
import { LONGEST_NAME } from './text.ts';

/** Which input of an operator on integers holds the weights; a float one's come out of DequantizeLinear. */
const WEIGHT_INPUT: ReadonlyMap<string, number> = new Map([
  ['ConvInteger', 1],
  ['MatMulInteger', 1],
  ['QLinearConv', 3],
  ['QLinearMatMul', 3],
  ['com.microsoft.DynamicQuantizeMatMul', 1],
  ['com.microsoft.MatMulIntegerToFloat', 1],
  ['com.microsoft.QGemm', 3],
  ['com.microsoft.QLinearConv', 3],
]);
const CONVOLUTIONS = new Set(['Conv', 'ConvInteger', 'QLinearConv', 'com.microsoft.QLinearConv']);

/** 255 times two weights stays within 16 bits as long as the two are no more than this together. */
const MOST_SAFE = 128;

/**
 * What the model's 8-bit signed weights could do to the 16-bit sums of CPUs without VNNI, which add
 * two products at a time along the inputs of a layer: neighbouring rows of a matrix, neighbouring
 * channels of a kernel's tap (int8.md 5). Depthwise convolutions and unsigned weights are summed in
 * other ways, which are exact.
 *
 * @returns `undefined` when no product of the graph is on integers
 */
export function pairSumsOf(graph: GraphProto): PairSums | undefined {
  const kindOf = int8Products(graph);
  const integer = graph.node.filter((node) => kindOf(node) === 'int8');
  if (integer.length === 0) {
    return undefined;
  }
  const constants = new Map([...constantsIn(graph)].map((constant) => [constant.name, constant]));
  const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  let [over, unread, worst, worstLayer] = [0, 0, 0, ''];
  for (const node of integer) {
    const weights = constants.get(storedName(weightName(node, producers), producers));
    const sum = weights === undefined ? undefined : largestPairSum(node, weights);
    unread += sum === undefined ? 1 : 0;
    over += sum !== undefined && sum > MOST_SAFE ? 1 : 0;
    if (sum !== undefined && sum > worst) {
      [worst, worstLayer] = [sum, node.name === '' ? (node.output[0] ?? '') : node.name];
    }
  }
  return {
    layers: integer.length - unread,
    layers_over: over,
    layers_unread: unread,
    worst_sum: worst,
    worst_layer: worst === 0 ? null : printable(worstLayer, LONGEST_NAME),
  };
}

type Producers = ReadonlyMap<string, NodeProto>;

function weightName(node: NodeProto, producers: Producers): string {
  const index = WEIGHT_INPUT.get(opKey(node));
  const name = node.input[index ?? 1] ?? '';
  return index === undefined ? (producers.get(name)?.input[0] ?? '') : name;
}

/** Exporters name one tensor twice through Identity. */
function storedName(name: string, producers: Producers): string {
  const producer = producers.get(name);
  return producer?.opType === 'Identity' ? (producer.input[0] ?? '') : name;
}

/** The largest sum of two neighbours of one sign, in absolute value; `undefined` for weights of no known layout. */
function largestPairSum(node: NodeProto, { dims, tensor }: Constant): number | undefined {
  const type = elementTypeOf(tensor.dataType)?.name;
  if (type === 'uint8') {
    return 0;
  }
  const values = type === 'int8' ? tensorValues(tensor) : undefined;
  if (!(values instanceof Int8Array)) {
    return undefined;
  }
  return CONVOLUTIONS.has(opKey(node)) ? largestInKernels(node, dims, values) : largestInMatrix(node, dims, values);
}

/** Weights [out, in / groups, ...taps]; summed tap by tap, the channels of a tap next to each other. */
function largestInKernels(node: NodeProto, dims: readonly number[], values: Int8Array): number {
  const [outputs = 0, channels = 0, ...kernel] = dims;
  if (channels === 1 && intAttribute(node, 'group') === outputs) {
    return 0;
  }
  const taps = kernel.reduce((product, size) => product * size, 1);
  const depth = channels * taps;
  const at = (output: number, place: number): number =>
    place < depth ? (values[output * depth + (place % channels) * taps + Math.floor(place / channels)] ?? 0) : 0;
  let largest = 0;
  for (let output = 0; output < outputs; output += 1) {
    for (let place = 0; place < depth; place += 2) {
      largest = Math.max(largest, sumOf(at(output, place), at(output, place + 1)));
    }
  }
  return largest;
}

/** Weights [..., depth, out], or [out, depth] with `transB`. */
function largestInMatrix(node: NodeProto, dims: readonly number[], values: Int8Array): number {
  const isTransposed = intAttribute(node, 'transB') === 1;
  const [rows = 1, columns = 1] = dims.slice(-2);
  const [depth, outputs] = isTransposed ? [columns, rows] : [rows, columns];
  const [depthStride, outputStride] = isTransposed ? [1, columns] : [columns, 1];
  let largest = 0;
  for (let matrix = 0; matrix < values.length; matrix += rows * columns) {
    for (let place = 0; place < depth; place += 2) {
      for (let output = 0; output < outputs; output += 1) {
        const first = matrix + place * depthStride + output * outputStride;
        const second = place + 1 < depth ? (values[first + depthStride] ?? 0) : 0;
        largest = Math.max(largest, sumOf(values[first] ?? 0, second));
      }
    }
  }
  return largest;
}

/** How far two products can go the same way. The other activation may be 0, so unlike signs do not help. */
function sumOf(a: number, b: number): number {
  return Math.max(Math.max(a, 0) + Math.max(b, 0), -Math.min(a, 0) - Math.min(b, 0));
}
