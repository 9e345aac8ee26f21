import { transpose } from '../architectures/layers.ts';
import type { NodeProto } from '../generated/onnx_pb.ts';
import { floatAttribute, intAttribute } from '../node.ts';
import { elementCount } from '../tensor.ts';
import type { FloatConstant, GraphEditor } from './graphEditor.ts';
import type { NearMiss } from './layerNormPattern.ts';
import { floatConstant, hasFixedInputs, isOp, labelOf, onlyConsumerOf, otherOperand, vectorAlong } from './matching.ts';
import type { LeftAlone, Pass } from './pass.ts';

/**
 * Brings every linear layer into one form: Gemm of a [T, K] matrix with a weight of [K, N] and a bias
 * of [N], nothing transposed or scaled. A MatMul over more axes gets a Reshape in front and one
 * behind. Each Gemm has a weight and a bias of its own, because tensors that several share cannot
 * carry each one's scales. Convolutions stay convolutions.
 */
export const linearToGemm: Pass = {
  name: 'linear_to_gemm',
  exact: true,
  apply: (graph) => {
    const leftAlone: LeftAlone[] = [];
    let rewritten = 0;
    const isFixed = hasFixedInputs(graph);
    // All shapes are asked for before the first edit, after which the graph would infer them anew.
    const linears = graph.nodes
      .filter((node) => isOp(node, 'MatMul', 'Gemm'))
      .map((node) => ({ node, shape: isFixed ? graph.shape(node.input[0] ?? '') : undefined }));
    for (const { node, shape } of linears) {
      const result = node.opType === 'MatMul' ? replaceMatMul(graph, node, shape) : straightenGemm(graph, node);
      if (typeof result === 'object') {
        leftAlone.push({ node: labelOf(node), reason: `not brought into the form of a Gemm: ${result.reason}` });
      } else {
        rewritten += result;
      }
    }
    graph.prune();
    return { rewritten, leftAlone };
  },
};

/** How many nodes were rewritten, or why none. */
type Result = 0 | 1 | NearMiss;

/** A constant that a Gemm shall read. */
interface Parameter extends FloatConstant {
  /** The value that holds the same numbers already, perhaps with other axes, and the node that reads it. */
  readonly from?: { readonly value: string; readonly reader: NodeProto };
}

function replaceMatMul(graph: GraphEditor, node: NodeProto, shape: readonly number[] | undefined): Result {
  const [input = '', weightName = ''] = node.input;
  const [output = ''] = node.output;
  const weight = floatConstant(graph, weightName);
  if (weight === undefined) {
    return { reason: whyNoWeight(graph, input, weightName) };
  }
  const [inChannels, outChannels] = weight.dims;
  if (shape === undefined) {
    return { reason: 'the shape of its input is not known without a run' };
  }
  if (weight.dims.length !== 2 || outChannels === undefined || shape.length < 2 || shape.at(-1) !== inChannels) {
    return { reason: `its operands have the shapes [${shape.join(', ')}] and [${weight.dims.join(', ')}]` };
  }
  const outShape = [...shape.slice(0, -1), outChannels];
  const addition = biasBehind(graph, output, outShape);
  const last = addition?.node ?? node;
  const hint = last.output[0] ?? '';
  const reshaped = (value: string, sizes: readonly number[], name: string): string =>
    graph.addNode({ opType: 'Reshape', inputs: [value, graph.addInts(`${name}_shape`, sizes)], hint: name });
  const rows = elementCount(shape.slice(0, -1));
  const isMatrix = shape.length === 2;
  const product = graph.addNode({
    opType: 'Gemm',
    inputs: [
      isMatrix ? input : reshaped(input, [rows, inChannels ?? 0], `${hint}_rows`),
      ownConstant(graph, 'weight', { ...weight, from: { value: weightName, reader: node } }),
      ownBias(graph, outChannels, addition),
    ],
    hint: `${hint}_gemm`,
  });
  const gemm = graph.producer(product);
  if (gemm !== undefined && node.name !== '') {
    gemm.name = node.name;
  }
  graph.replaceUses(hint, isMatrix ? product : reshaped(product, outShape, `${hint}_axes`));
  [last, node].forEach((replaced) => graph.remove(replaced));
  return 1;
}

function whyNoWeight(graph: GraphEditor, left: string, right: string): string {
  if (graph.constant(right) !== undefined) {
    return 'its weight is not float32';
  }
  return floatConstant(graph, left) === undefined
    ? 'both of its operands are computed'
    : 'its constant is the left operand';
}

function straightenGemm(graph: GraphEditor, node: NodeProto): Result {
  const [input = '', weightName = '', biasName = ''] = node.input;
  const [output = ''] = node.output;
  const weight = floatConstant(graph, weightName);
  const transposes = (intAttribute(node, 'transB') ?? 0) !== 0;
  const outChannels = weight?.dims[transposes ? 0 : 1] ?? 0;
  if (weight?.dims.length !== 2) {
    return { reason: whyNoWeight(graph, input, weightName) };
  }
  if ((intAttribute(node, 'transA') ?? 0) !== 0) {
    return { reason: 'it transposes its input' };
  }
  const bias = biasName === '' ? undefined : perColumn(floatConstant(graph, biasName), [1, outChannels]);
  if (biasName !== '' && bias === undefined) {
    return { reason: 'its bias is not one float32 constant per column' };
  }
  const alpha = floatAttribute(node, 'alpha') ?? 1;
  const beta = floatAttribute(node, 'beta') ?? 1;
  const addition = biasName === '' ? biasBehind(graph, output, [1, outChannels]) : undefined;
  const turned = transposes ? transpose(weight) : weight;
  const straight = ownConstant(graph, 'weight', {
    dims: turned.dims,
    data: alpha === 1 ? turned.data : turned.data.map((number) => alpha * number),
    ...(!transposes && alpha === 1 && { from: { value: weightName, reader: node } }),
  });
  const given = bias && { bias: beta === 1 ? bias : bias.map((number) => beta * number), value: biasName, node };
  const own = ownBias(graph, outChannels, addition ?? given, beta === 1 || addition !== undefined);
  if (straight === weightName && own === biasName && alpha === 1 && beta === 1) {
    return 0;
  }
  node.attribute = [];
  [input, straight, own].forEach((value, index) => graph.setInput(node, index, value));
  if (addition !== undefined) {
    graph.replaceUses(addition.node.output[0] ?? '', output);
    graph.remove(addition.node);
  }
  return 1;
}

/** A bias per column, and where it stands. */
interface Bias {
  readonly bias: Float32Array;
  readonly value: string;
  /** The node that reads it. */
  readonly node: NodeProto;
}

/** The addition of a constant to each column of `product`, when nothing else needs the product. */
function biasBehind(graph: GraphEditor, product: string, shape: readonly number[]): Bias | undefined {
  const node = onlyConsumerOf(graph, product, 'Add');
  const value = node === undefined ? '' : (otherOperand(node, product) ?? '');
  const bias = perColumn(floatConstant(graph, value), shape);
  return node === undefined || bias === undefined ? undefined : { bias, value, node };
}

/** A constant along the last axis of `shape`, or one number for all of it. */
function perColumn(constant: FloatConstant | undefined, shape: readonly number[]): Float32Array | undefined {
  const columns = shape.at(-1) ?? 0;
  const [number] = constant?.data ?? [];
  return constant?.data.length === 1 && constant.dims.length <= shape.length && number !== undefined
    ? new Float32Array(columns).fill(number)
    : vectorAlong(constant, shape.length - 1, shape);
}

function ownBias(graph: GraphEditor, columns: number, given: Bias | undefined, isAsStored = true): string {
  const data = given?.bias ?? new Float32Array(columns);
  const from = given !== undefined && isAsStored && { from: { value: given.value, reader: given.node } };
  return ownConstant(graph, 'bias', { dims: [columns], data, ...from });
}

/** The name of a constant that nothing else reads: the stored one where it is that already, else a copy. */
function ownConstant(graph: GraphEditor, hint: string, { dims, data, from }: Parameter): string {
  const { value = '', reader } = from ?? {};
  const isStored = graph.producer(value) === undefined && graph.constant(value)?.dims.join() === dims.join();
  const readings = reader?.input.filter((input) => input === value).length;
  return isStored && graph.onlyConsumer(value) === reader && readings === 1 ? value : graph.addFloats(hint, dims, data);
}
