import type { NodeProto } from '../../onnx/generated/onnx_pb.ts';
import type { GraphEditor } from '../../onnx/rewrite/graphEditor.ts';
import type { QuantizationPlan } from '../plan.ts';
import type { IntegerFlow } from './integerFlow.ts';

type Ranges = Pick<QuantizationPlan, 'values' | 'rangeOf'>;

/** The values that stand as integers between the planned nodes, and whose range each of them has. */
export function rangesOf(graph: GraphEditor, flow: IntegerFlow, planned: readonly NodeProto[]): Ranges {
  const rangeOf = new Map<string, string>();
  const channelAxes = new Map<string, number | undefined>();
  for (const node of planned) {
    const handedOn = flow.handsOn(node) ? node.output.slice(0, 1) : [];
    for (const value of [...flow.operandsOf(node), ...handedOn]) {
      const source = rangeSource(graph, flow, value);
      rangeOf.set(value, source);
      channelAxes.set(source, channelAxes.get(source));
    }
    const [operand = ''] = flow.operandsOf(node);
    if (channelAxes.has(operand)) {
      channelAxes.set(operand, channelAxes.get(operand) ?? channelAxis(graph, node));
    }
  }
  return { rangeOf, values: [...channelAxes].map(([value, axis]) => ({ value, channelAxis: axis })) };
}

/** The Relu that bounds a value decides its range; and a node that only passes values on hands on their range. */
function rangeSource(graph: GraphEditor, flow: IntegerFlow, value: string): string {
  const bounded = boundedBy(graph, flow, value);
  if (bounded !== undefined) {
    return bounded;
  }
  const producer = graph.producer(value);
  const passesOn = producer !== undefined && flow.kernelOf(producer) === 'dropped' && !flow.absorbs(producer);
  return passesOn ? rangeSource(graph, flow, producer.input[0] ?? '') : value;
}

/** The output of the last absorbed Relu that a value flows into, and nowhere else. */
function boundedBy(graph: GraphEditor, flow: IntegerFlow, value: string): string | undefined {
  const reader = graph.onlyConsumer(value);
  if (reader === undefined || flow.kernelOf(reader) !== 'dropped') {
    return undefined;
  }
  const [output = ''] = reader.output;
  return boundedBy(graph, flow, output) ?? (flow.absorbs(reader) ? output : undefined);
}

/** The axis of its operand that a node with weights sums over. */
function channelAxis(graph: GraphEditor, node: NodeProto): number | undefined {
  switch (node.opType) {
    case 'Conv':
    case 'Gemm':
      return 1;
    case 'MatMul': {
      const rank = graph.shape(node.input[0] ?? '')?.length;
      return rank === undefined ? undefined : rank - 1;
    }
    default:
      return undefined;
  }
}
