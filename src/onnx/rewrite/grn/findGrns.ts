import type { NodeProto } from '../../generated/onnx_pb.ts';
import type { GraphEditor } from '../graphEditor.ts';
import type { NearMiss } from '../layerNormPattern.ts';
import { isOp, labelOf, producerOf, scalarOf, scalarOperand } from '../matching.ts';
import { axisOfMean, meanOf } from '../means.ts';
import { withoutCast } from '../noOpCasts.ts';
import type { LeftAlone } from '../pass.ts';
import { type Norm, normOf } from './norm.ts';
import { outcomesOf } from './outcomes.ts';
import { isZero } from './terms.ts';

/**
 * A global response normalisation (Woo et al. 2023, ConvNeXt V2), per channel
 * `result = source * (scale + gain * response) + shift` with
 * `response = norm / (mean of the norms over the channels + epsilon)`, norm being the L2 norm of the
 * channel over `spatialAxes`.
 */
export interface Grn {
  readonly source: string;
  readonly shape: readonly number[];
  readonly channelAxis: number;
  /** Counted from the front. */
  readonly spatialAxes: readonly number[];
  readonly epsilon: number;
  /** The value that holds the response, of the source's rank with size 1 but for the channels. */
  readonly response: string;
  readonly scale: Float64Array;
  readonly gain: Float64Array;
  readonly shift: Float64Array;
  readonly result: string;
  /** What to call it in a message. */
  readonly label: string;
}

/**
 * Every GRN of the graph: in the forms of the authors and of timm, channels first or last, in every
 * order of operands, and as `rewriteGrn` writes it. What divides or averages a norm too, but is none,
 * is left alone.
 */
export function findGrns(graph: GraphEditor): { readonly grns: readonly Grn[]; readonly leftAlone: LeftAlone[] } {
  const grns: Grn[] = [];
  const leftAlone: LeftAlone[] = [];
  const leave = (node: NodeProto, reason: string): unknown =>
    leftAlone.push({ node: labelOf(node), reason: `no global response normalisation: ${reason}` });
  const divisions = graph.nodes
    .filter((node) => isOp(node, 'Div', 'Mul'))
    .flatMap((node) => normDivisionsOf(graph, node));
  for (const division of divisions) {
    const match = matchGrn(graph, division);
    if ('reason' in match) {
      leave(division.node, match.reason);
    } else {
      grns.push(match);
    }
  }
  const seen = new Set(divisions.map(({ numerator }) => numerator));
  for (const node of graph.nodes.filter((other) => isOp(other, 'ReduceL2', 'Sqrt', 'Pow'))) {
    const [output = ''] = node.output;
    const isAveraged = graph.consumers(output).some((reader) => isOp(reader, 'ReduceMean', 'ReduceSum'));
    if (isAveraged && !seen.has(output) && normOf(graph, output) !== undefined) {
      leave(node, 'its norm is averaged, but not divided by that mean');
    }
  }
  return { grns, leftAlone };
}

/** A norm that is divided by something. */
interface NormDivision {
  readonly node: NodeProto;
  readonly numerator: string;
  readonly norm: Norm | NearMiss;
  readonly divisor: string;
}

function matchGrn(graph: GraphEditor, { node, numerator, norm, divisor }: NormDivision): Grn | NearMiss {
  if ('reason' in norm) {
    return norm;
  }
  const { source, shape, axes: spatialAxes, factor } = norm;
  const sum = producerOf(graph, withoutCast(graph, divisor).value, 'Add');
  const epsilon = sum === undefined ? undefined : scalarOperand(graph, sum);
  const mean = epsilon === undefined ? undefined : meanOf(graph, epsilon.other);
  if (epsilon === undefined || mean === undefined || withoutCast(graph, mean.value).value !== numerator) {
    return { reason: 'its norm is not divided by the mean of the norms plus a constant' };
  }
  const kept = shape.map((size, axis) => (spatialAxes.includes(axis) ? 1 : size));
  const channelAxis = axisOfMean(graph, mean, kept);
  if (channelAxis === undefined || spatialAxes.includes(channelAxis)) {
    return { reason: 'the mean of its norms is not taken over the channels alone' };
  }
  const response = node.output[0] ?? '';
  const [outcome, ...others] = outcomesOf(graph, { source, shape, channelAxis, response });
  if (outcome === undefined || others.length > 0) {
    return { reason: 'what its norm scales is used in more than one way' };
  }
  const { ofX: scale, ofProduct: gain, constant: shift, ofResponse } = outcome.terms;
  if (!isZero(ofResponse) || graph.shape(outcome.value)?.join() !== shape.join()) {
    return { reason: 'its norm scales something else than the value it was taken of' };
  }
  return {
    source,
    shape,
    channelAxis,
    spatialAxes,
    response,
    scale,
    gain,
    shift,
    // f * norm / (mean(f * norm) + epsilon) = norm / (mean(norm) + epsilon / f)
    epsilon: epsilon.scalar / factor,
    result: outcome.value,
    label: labelOf(graph.producer(outcome.value) ?? node),
  };
}

/** The ways to read a node as the division of a norm: of the left operand by the right, or of either by the other's reciprocal. */
function normDivisionsOf(graph: GraphEditor, node: NodeProto): NormDivision[] {
  const [left = '', right = ''] = node.input;
  const pairs = isOp(node, 'Div')
    ? [{ numerator: left, divisor: right }]
    : [
        { numerator: left, divisor: reciprocalOf(graph, right) },
        { numerator: right, divisor: reciprocalOf(graph, left) },
      ];
  return pairs.flatMap(({ numerator: given, divisor }) => {
    const numerator = withoutCast(graph, given).value;
    const norm = divisor === undefined ? undefined : normOf(graph, numerator);
    return divisor === undefined || norm === undefined ? [] : [{ node, numerator, norm, divisor }];
  });
}

function reciprocalOf(graph: GraphEditor, value: string): string | undefined {
  const node = producerOf(graph, value, 'Reciprocal', 'Div');
  const isReciprocal = node?.opType === 'Reciprocal' || scalarOf(graph, node?.input[0]) === 1;
  return node !== undefined && isReciprocal ? node.input.at(-1) : undefined;
}
