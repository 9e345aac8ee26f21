import type { NodeProto } from '../../onnx/generated/onnx_pb.ts';
import { opKey } from '../../onnx/node.ts';
import type { GraphEditor } from '../../onnx/rewrite/graphEditor.ts';

/** How far the runtime lets a bias's scale stray from the product of the other two: 1 %. */
const SCALE_TOLERANCE = 0.01;

/** Operators that the runtime only turns into integer ones when their output is rounded too. */
const NEEDS_ROUNDED_OUTPUT = new Set(['Add', 'AveragePool', 'Conv', 'GlobalAveragePool', 'Mul']);
const FLOAT_OPERATORS = new Set([...NEEDS_ROUNDED_OUTPUT, 'Gemm', 'MatMul']);

/**
 * Says why the runtime computes a node of a QDQ file with floats, as far as the file shows it.
 *
 * @param successors what the runtime made of the node
 */
export function whyFloat(graph: GraphEditor, node: NodeProto, successors: readonly NodeProto[]): string {
  if (successors.some((successor) => opKey(successor) === 'com.microsoft.MatMulNBits')) {
    return 'the runtime makes MatMulNBits of it, which multiplies floats, because only its weights are quantized';
  }
  // An integer product in the file finds the range of its input itself; no DequantizeLinear stands around it.
  const fault = FLOAT_OPERATORS.has(opKey(node))
    ? (inputFault(graph, node) ?? biasFault(graph, node) ?? addedBiasFault(successors) ?? outputFault(graph, node))
    : undefined;
  const [successor] = successors;
  return fault ?? `the runtime ${successor === undefined ? 'left nothing of it' : `runs it as ${opKey(successor)}`}`;
}

function inputFault(graph: GraphEditor, { input }: NodeProto): string | undefined {
  const float = ['first', 'second'].find(
    (_, index) => input[index] !== undefined && dequantize(graph, input[index]) === undefined,
  );
  return float === undefined ? undefined : `its ${float} input is not quantized`;
}

function biasFault(graph: GraphEditor, node: NodeProto): string | undefined {
  const [input, weight, bias] = node.input;
  if (bias === undefined || bias === '') {
    return undefined;
  }
  const biasNode = dequantize(graph, bias);
  if (biasNode === undefined) {
    return 'its bias is float; it must be int32';
  }
  const [ofInput, ofWeight, ofBias] = [input, weight, bias].map((value) => scalesOf(graph, value));
  if (ofInput === undefined || ofWeight === undefined || ofBias === undefined) {
    return undefined;
  }
  const channels = Math.max(ofWeight.length, ofBias.length);
  for (let channel = 0; channel < channels; channel += 1) {
    const wanted = at(ofInput, 0) * at(ofWeight, channel);
    const found = at(ofBias, channel);
    if (!(Math.abs(found - wanted) <= SCALE_TOLERANCE * wanted)) {
      const readers = graph
        .consumers(biasNode.input[0] ?? '')
        .flatMap(({ output }) => graph.consumers(output[0] ?? ''));
      const shared = readers.length > 1 ? `; ${readers.length} nodes share the bias, and each needs its own` : '';
      return `the scale of its bias must be that of its input times that of its weights, received ${found} instead of ${wanted} (channel ${channel})${shared}`;
    }
  }
  return undefined;
}

function addedBiasFault(successors: readonly NodeProto[]): string | undefined {
  return successors.some(({ name }) => name.endsWith('/MatMulAddFusion'))
    ? 'the runtime takes in the float bias that is added after it; the bias must be an int32 input of a Gemm'
    : undefined;
}

function outputFault(graph: GraphEditor, { opType, output }: NodeProto): string | undefined {
  if (!NEEDS_ROUNDED_OUTPUT.has(opType)) {
    return undefined;
  }
  const readers = graph.consumers(output[0] ?? '');
  return readers.some((reader) => reader.opType === 'QuantizeLinear') ? undefined : 'its output is not quantized';
}

function dequantize(graph: GraphEditor, value: string | undefined): NodeProto | undefined {
  const producer = graph.producer(value ?? '');
  return producer?.opType === 'DequantizeLinear' ? producer : undefined;
}

function scalesOf(graph: GraphEditor, value: string | undefined): Float32Array | undefined {
  return graph.floats(dequantize(graph, value)?.input[1] ?? '')?.data;
}

/** A scale that stands for all channels is stored once. */
function at(scales: Float32Array, channel: number): number {
  return scales[scales.length === 1 ? 0 : channel] ?? NaN;
}
