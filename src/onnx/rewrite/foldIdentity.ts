import type { NodeProto } from '../generated/onnx_pb.ts';
import { intAttribute, intsAttribute, opKey } from '../node.ts';
import type { GraphEditor } from './graphEditor.ts';
import { hasFixedInputs, labelOf } from './matching.ts';
import type { LeftAlone, Pass } from './pass.ts';

/** Whether a node hands its first input on as it is; a text says why it does not though it looks so. */
type Verdict = boolean | string;

type Judge = (graph: GraphEditor, node: NodeProto, isFixed: boolean) => Verdict;

const judges: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ['Identity', () => true],
  ['Dropout', dropout],
  ['Cast', (graph, node) => isOfType(graph, node, intAttribute(node, 'to'))],
  ['CastLike', (graph, node) => isOfType(graph, node, graph.elementType(node.input[1] ?? ''))],
  ['Transpose', (_, node) => intsAttribute(node, 'perm')?.every((from, axis) => from === axis) === true],
  ...['Reshape', 'Flatten', 'Expand', 'Squeeze', 'Unsqueeze'].map((op): [string, Judge] => [op, keepsShape]),
]);

/**
 * Removes nodes that hand on what they read: Identity (of a value, or of an initialiser that several
 * layers share), Dropout at inference, Cast to the type that is there, Reshape, Expand and Transpose
 * to the shape that is there. One that connects a graph output straight with an input, a constant or
 * another output stays.
 */
export const foldIdentity: Pass = {
  name: 'fold_identity',
  exact: true,
  apply: (graph) => {
    const leftAlone: LeftAlone[] = [];
    let rewritten = 0;
    const isFixed = hasFixedInputs(graph);
    // All is asked before anything changes: none of the removals changes a shape or a type.
    const verdicts = graph.nodes.map((node) => [node, judges.get(opKey(node))?.(graph, node, isFixed)] as const);
    for (const [node, verdict] of verdicts) {
      if (typeof verdict === 'string') {
        leftAlone.push({ node: labelOf(node), reason: verdict });
      } else if (verdict === true && canBypass(graph, node)) {
        graph.replaceUses(node.output[0] ?? '', node.input[0] ?? '');
        graph.remove(node);
        rewritten += 1;
      }
    }
    graph.prune();
    return { rewritten, leftAlone };
  },
};

function canBypass(graph: GraphEditor, { input: [input = ''], output: [output = ''] }: NodeProto): boolean {
  const canTakeOver = graph.producer(input) !== undefined && !graph.isGraphOutput(input);
  return input !== '' && (!graph.isGraphOutput(output) || canTakeOver);
}

function dropout(graph: GraphEditor, node: NodeProto): Verdict {
  const [, , training = ''] = node.input;
  const [, mask = ''] = node.output;
  if (training !== '' && graph.numbers(training)?.[0] !== 0) {
    return 'this Dropout is in training mode, or may be: export the model for inference';
  }
  return graph.consumers(mask).length > 0 || graph.isGraphOutput(mask) ? 'the mask of this Dropout is read' : true;
}

function isOfType(graph: GraphEditor, { input: [input = ''] }: NodeProto, type: number | undefined): boolean {
  return type !== undefined && graph.elementType(input) === type;
}

function keepsShape(graph: GraphEditor, { input: [input = ''], output: [output = ''] }: NodeProto, isFixed: boolean) {
  const shape = isFixed ? graph.shape(output) : undefined;
  return shape !== undefined && graph.shape(input)?.join() === shape.join();
}
