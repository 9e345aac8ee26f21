import type { NodeProto } from '../../generated/onnx_pb.ts';
import type { GraphEditor } from '../graphEditor.ts';
import { floatConstant, isOp, vectorAlong } from '../matching.ts';
import { withoutCast } from '../noOpCasts.ts';
import { added, constantTerms, divided, multiplied, responseTerms, type Terms, xTerms } from './terms.ts';

/** A value that was computed from a response and that something needs which cannot be written as terms. */
export interface Outcome {
  readonly value: string;
  readonly terms: Terms;
}

export interface ResponseUse {
  readonly source: string;
  readonly shape: readonly number[];
  readonly channelAxis: number;
  readonly response: string;
}

/** What comes of a response, as far as it is a sum of products of source, response and constants. */
export function outcomesOf(graph: GraphEditor, use: ResponseUse): readonly Outcome[] {
  const channels = use.shape[use.channelAxis] ?? 0;
  const known = new Map<string, Terms>([
    [use.source, xTerms(channels)],
    [use.response, responseTerms(channels)],
  ]);
  const operand = (value: string): Terms | undefined => known.get(value) ?? constantOf(graph, use, value);
  const understood = new Set<NodeProto>();
  for (const node of graph.nodes) {
    const [output = ''] = node.output;
    if (known.has(output) || !node.input.some((input) => known.has(input))) {
      continue;
    }
    const terms = termsOf(graph, node, operand);
    if (terms !== undefined) {
      known.set(output, terms);
      understood.add(node);
    }
  }
  return [...known]
    .map(([value, terms]) => ({ value, terms }))
    .filter(({ terms }) => terms.usesResponse)
    .filter(
      ({ value }) => graph.isGraphOutput(value) || graph.consumers(value).some((reader) => !understood.has(reader)),
    );
}

function termsOf(
  graph: GraphEditor,
  node: NodeProto,
  operand: (value: string) => Terms | undefined,
): Terms | undefined {
  const a = operand(node.input[0] ?? '');
  if (a !== undefined && (isOp(node, 'Identity') || isNoOpCast(graph, node))) {
    return a;
  }
  const b = isOp(node, 'Add', 'Sub', 'Mul', 'Div') ? operand(node.input[1] ?? '') : undefined;
  if (a === undefined || b === undefined) {
    return undefined;
  }
  switch (node.opType) {
    case 'Add':
      return added(a, b, 1);
    case 'Sub':
      return added(a, b, -1);
    case 'Mul':
      return multiplied(a, b);
    default:
      return divided(a, b);
  }
}

function isNoOpCast(graph: GraphEditor, node: NodeProto): boolean {
  return isOp(node, 'Cast') && withoutCast(graph, node.output[0] ?? '').nodes.length > 0;
}

/** A constant of one number, or of one per channel. */
function constantOf(graph: GraphEditor, { shape, channelAxis }: ResponseUse, value: string): Terms | undefined {
  const constant = floatConstant(graph, value);
  const isScalar = constant?.data.length === 1 && constant.dims.length <= shape.length;
  const numbers = isScalar ? constant.data : vectorAlong(constant, channelAxis, shape);
  return numbers === undefined ? undefined : constantTerms(numbers, shape[channelAxis] ?? 0);
}
