import type { GraphEditor } from '../graphEditor.ts';
import { hasFixedInputs } from '../matching.ts';
import type { Grn } from './findGrns.ts';

/** The first operator sets in which these reductions read their axes as an input. */
const AXES_INPUT_SINCE = { ReduceSum: 13, ReduceMean: 18 } as const;

/** Which tokens the norms are taken of. */
export interface TokenSample {
  /** Ascending, of all `height * width`. */
  readonly tokens: readonly number[];
}

/**
 * Adds `source * (scale + gain * response)`, a GRN without its shift, in the form that was measured
 * fastest (docs/int8.md), and returns its name. Of one image with channels last it is computed on a
 * [tokens, C] matrix, whose squares a row of ones adds up; other layouts keep their axes. Squaring
 * and adding are two operators, because ReduceL2 has no fast kernel in ONNX Runtime 1.30.
 *
 * With a sample the norms come from its tokens only. The expected sum of their squares is that of all
 * tokens divided by r = all / sampled, so each norm would have to be multiplied by sqrt(r). Because
 * the response divides norms by their mean, dividing epsilon by sqrt(r) gives the same number.
 */
export function emitGrn(graph: GraphEditor, grn: Grn, sample?: TokenSample): string {
  if (!isTokenMatrix(graph, grn)) {
    return emitInPlace(graph, grn);
  }
  const { source, shape } = grn;
  const channels = shape.at(-1) ?? 0;
  const tokens = shape.reduce((product, size) => product * size, 1) / channels;
  const matrix = shape.length === 2 ? source : reshaped(graph, source, [tokens, channels]);
  const counted = sample === undefined ? matrix : gathered(graph, matrix, sample.tokens);
  const count = sample?.tokens.length ?? tokens;
  const ones = graph.addFloats('grn_ones', [1, count], new Float32Array(count).fill(1));
  const sums = graph.addNode({ opType: 'MatMul', inputs: [ones, squared(graph, counted)], hint: 'grn_sums' });
  const epsilon = grn.epsilon * Math.sqrt(count / tokens);
  const result = scaledBySums(graph, matrix, sums, { ...grn, epsilon, channelAxis: 1, shape: [tokens, channels] });
  return shape.length === 2 ? result : reshaped(graph, result, shape);
}

/** Whether a GRN is one of a [tokens, C] matrix, whatever axes the tokens are written with: of one image, channels last. */
export function isTokenMatrix(graph: GraphEditor, { shape, channelAxis, spatialAxes }: Grn): boolean {
  return (
    hasFixedInputs(graph) &&
    channelAxis === shape.length - 1 &&
    shape.every((size, axis) => size === 1 || axis === channelAxis || spatialAxes.includes(axis))
  );
}

function emitInPlace(graph: GraphEditor, grn: Grn): string {
  const sums = reduced(graph, 'ReduceSum', squared(graph, grn.source), grn.spatialAxes);
  return scaledBySums(graph, grn.source, sums, grn);
}

function scaledBySums(
  graph: GraphEditor,
  x: string,
  sums: string,
  { shape, channelAxis, epsilon, scale, gain }: Omit<Grn, 'source'>,
): string {
  const binary = (opType: string, inputs: readonly string[], hint: string): string =>
    graph.addNode({ opType, inputs, hint: `grn_${hint}` });
  const perChannel = (hint: string, numbers: Float64Array): string => {
    const isSame = numbers.every((number) => number === numbers[0]);
    const dims = shape.map((size, axis) => (axis === channelAxis ? size : 1));
    return isSame
      ? graph.addFloats(`grn_${hint}`, [], Float32Array.from(numbers.subarray(0, 1)))
      : graph.addFloats(`grn_${hint}`, dims, Float32Array.from(numbers));
  };
  const norms = graph.addNode({ opType: 'Sqrt', inputs: [sums], hint: 'grn_norms' });
  const mean = reduced(graph, 'ReduceMean', norms, [channelAxis]);
  const divisor = binary('Add', [mean, graph.addFloats('grn_epsilon', [], Float32Array.of(epsilon))], 'divisor');
  const response = binary('Div', [norms, divisor], 'response');
  const weighted = binary('Mul', [response, perChannel('gain', gain)], 'weighted');
  const factor = binary('Add', [weighted, perChannel('scale', scale)], 'factor');
  return binary('Mul', [x, factor], 'scaled');
}

function squared(graph: GraphEditor, value: string): string {
  return graph.addNode({ opType: 'Mul', inputs: [value, value], hint: 'grn_squares' });
}

function reduced(
  graph: GraphEditor,
  opType: keyof typeof AXES_INPUT_SINCE,
  value: string,
  axes: readonly number[],
): string {
  const asInput = graph.opset >= AXES_INPUT_SINCE[opType];
  return graph.addNode({
    opType,
    inputs: asInput ? [value, graph.addInts('grn_axes', axes)] : [value],
    attributes: { keepdims: { int: 1 }, ...(asInput ? {} : { axes: { ints: axes } }) },
    hint: opType === 'ReduceSum' ? 'grn_sums' : 'grn_mean',
  });
}

function reshaped(graph: GraphEditor, value: string, shape: readonly number[]): string {
  return graph.addNode({ opType: 'Reshape', inputs: [value, graph.addInts('grn_shape', shape)], hint: 'grn_reshaped' });
}

function gathered(graph: GraphEditor, matrix: string, rows: readonly number[]): string {
  return graph.addNode({
    opType: 'Gather',
    inputs: [matrix, graph.addInts('grn_tokens', rows)],
    attributes: { axis: { int: 0 } },
    hint: 'grn_sample',
  });
}
