import type { PairSums } from '../../records/comparison.ts';
import { printable } from '../badModel.ts';
import { elementTypeOf } from '../elementTypes.ts';
import type { GraphProto, NodeProto } from '../generated/onnx_pb.ts';
import { type KernelLayout, kernelLayout, LARGEST_PAIR_SUM } from '../kernelLayout.ts';
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
    over += sum !== undefined && sum > LARGEST_PAIR_SUM ? 1 : 0;
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
  const isConvolution = CONVOLUTIONS.has(opKey(node));
  if (values.length === 0 || (isConvolution && isDepthwise(node, dims))) {
    return 0;
  }
  const isTransposed = intAttribute(node, 'transB') === 1;
  const matrix = dims.length === 1 ? [...dims, 1] : dims.slice(-2);
  return isConvolution
    ? dims.length < 2
      ? undefined
      : largestIn(values, kernelLayout(dims, 0))
    : largestIn(values, kernelLayout(matrix, isTransposed ? 0 : 1));
}

function isDepthwise(node: NodeProto, [outputs, channels]: readonly number[]): boolean {
  return channels === 1 && intAttribute(node, 'group') === outputs;
}

/** Of one kernel, or of a batch of matrices that lie behind each other. */
function largestIn(values: Int8Array, { outputs, outputStride, places }: KernelLayout): number {
  let largest = 0;
  for (let matrix = 0; matrix < values.length; matrix += outputs * places.length) {
    for (let place = 0; place < places.length; place += 2) {
      const first = matrix + (places[place] ?? 0);
      const second = places[place + 1];
      for (let start = 0; start < outputs * outputStride; start += outputStride) {
        const next = second === undefined ? 0 : (values[matrix + second + start] ?? 0);
        largest = Math.max(largest, sumOf(values[first + start] ?? 0, next));
      }
    }
  }
  return largest;
}

/** How far two products can go the same way. The other activation may be 0, so unlike signs do not help. */
function sumOf(a: number, b: number): number {
  return Math.max(Math.max(a, 0) + Math.max(b, 0), -Math.min(a, 0) - Math.min(b, 0));
}
