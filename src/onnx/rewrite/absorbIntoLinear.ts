import { elementCount } from '../tensor.ts';
import type { GraphEditor } from './graphEditor.ts';
import type { Linear } from './linearReaders.ts';

/** `x * scale + shift` per channel, which a linear layer shall do itself. */
export interface ChannelAffine {
  /** `undefined` is 1 everywhere. */
  readonly scale?: Float64Array;
  /** `undefined` is 0 everywhere. */
  readonly shift?: Float64Array;
}

/**
 * Gives a linear layer new constants, so that of `x` it computes what it computed of
 * `x * scale + shift`: W' = diag(scale) W and b' = b + shift W, in float64. The constants are its
 * own afterwards: exporters store equal ones once.
 */
export function absorbIntoLinear(graph: GraphEditor, linear: Linear, { scale, shift }: ChannelAffine): void {
  const { node, weight } = linear;
  if (shift?.some((number) => number !== 0) === true) {
    addToBias(graph, linear, shiftedBias(linear, shift));
  }
  if (scale?.some((number) => number !== 1) === true) {
    const scaled = new Float32Array(weight.data.length);
    visitWeights(linear, (number, input, _output, at) => {
      scaled[at] = number * (scale[input] ?? Number.NaN);
    });
    graph.setInput(node, 1, graph.addFloats('weight_scaled', weight.dims, scaled));
  }
}

/** The largest magnitude in the weight, for each input channel. */
export function largestWeights(linear: Linear): Float32Array {
  const largest = new Float32Array(linear.weight.dims[linear.inputAxis] ?? 0);
  visitWeights(linear, (number, input) => {
    largest[input] = Math.max(largest[input] ?? 0, Math.abs(number));
  });
  return largest;
}

function shiftedBias(linear: Linear, shift: Float64Array): Float32Array {
  const { weight, outputAxis, bias } = linear;
  const sums = Float64Array.from({ length: weight.dims[outputAxis] ?? 0 }, (_, output) => bias.values?.[output] ?? 0);
  visitWeights(linear, (number, input, output) => {
    sums[output] = (sums[output] ?? 0) + number * (shift[input] ?? Number.NaN);
  });
  return Float32Array.from(sums);
}

/** A MatMul has no place for a bias of its own; one without an addition gets one. */
function addToBias(graph: GraphEditor, { node, bias }: Linear, values: Float32Array): void {
  const name = graph.addFloats('bias_shifted', [values.length], values);
  if (bias.node === node && node.opType === 'MatMul') {
    const [product = ''] = node.output;
    const sum = graph.addNode({ opType: 'Add', inputs: [product, name], hint: 'biased' });
    const addition = graph.producer(sum);
    graph.replaceUses(product, sum, addition === undefined ? [] : [addition]);
  } else {
    graph.setInput(bias.node, bias.operand, name);
  }
}

/** Goes through a weight in the order it is stored in: millions of numbers, so without a division for each. */
function visitWeights(
  { weight: { dims, data }, inputAxis }: Linear,
  see: (number: number, input: number, output: number, at: number) => void,
): void {
  const [rows = 0, columns = 0, ...window] = dims;
  const taps = elementCount(window);
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const input = inputAxis === 0 ? row : column;
      const output = inputAxis === 0 ? column : row;
      for (let tap = 0; tap < taps; tap += 1) {
        see(data[at] ?? Number.NaN, input, output, at);
        at += 1;
      }
    }
  }
}
