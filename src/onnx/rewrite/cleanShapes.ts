import type { NodeProto } from '../generated/onnx_pb.ts';
import { intAttribute, intsAttribute, opKey } from '../node.ts';
import type { GraphEditor } from './graphEditor.ts';
import { hasFixedInputs, isOp, labelOf } from './matching.ts';
import type { LeftAlone, Pass } from './pass.ts';
import { setAttribute } from './setAttribute.ts';

/** Operators that only put the same numbers, in the same order, on other axes. */
const RESHAPING = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'];

/** Operators that treat every number of their first input alike and by itself, whatever its axes. */
const ELEMENTWISE = `
  Abs Cast Ceil Celu Clip Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity LeakyRelu Log Mish Neg Reciprocal
  Relu Round Selu Sigmoid Softplus Softsign Sqrt Tanh ThresholdedRelu
`
  .trim()
  .split(/\s+/);

/**
 * Lets reshapes and transposes cancel: what changes nothing vanishes, two in a row become one, and
 * one moves behind elementwise operators, and behind LayerNormalization where the last axis stays,
 * when it meets another there. Between the linear layers of a block nothing is left of them then.
 *
 * It ends: no step adds a reshape or transpose; each removes one, or lets one that read another's
 * output read that one's input instead, which is only possible as often as they follow each other.
 */
export const cleanShapes: Pass = {
  name: 'clean_shapes',
  exact: true,
  apply: (graph) => {
    const shapes = shapesOf(graph);
    const unknown = new Map<NodeProto, LeftAlone>();
    let rewritten = 0;
    for (let before = -1; before !== rewritten;) {
      before = rewritten;
      for (const node of graph.nodes.filter((candidate) => isOp(candidate, 'Transpose', ...RESHAPING))) {
        const isThere = graph.producer(node.output[0] ?? '') === node;
        const step = node.opType === 'Transpose' ? turn : reshape;
        const outcome = isThere ? step(graph, shapes, node) : 'kept';
        rewritten += outcome === 'changed' ? 1 : 0;
        if (outcome === 'unknown') {
          const reason = 'the shapes around this reshape are not known without a run';
          unknown.set(node, { node: labelOf(node), reason });
        } else {
          unknown.delete(node);
        }
      }
    }
    graph.prune();
    return { rewritten, leftAlone: [...unknown.values()] };
  },
};

type Outcome = 'changed' | 'kept' | 'unknown';

/** What is known of the shapes, kept up to date by the steps: asking the graph anew after each would infer all of them. */
type Shapes = Map<string, readonly number[]>;

function shapesOf(graph: GraphEditor): Shapes {
  const shapes: Shapes = new Map();
  // Of a free size, only one of many shapes would be known.
  const nodes = hasFixedInputs(graph) ? graph.nodes : [];
  for (const value of nodes.flatMap(({ input, output }) => [...input, ...output])) {
    const shape = graph.shape(value);
    if (shape !== undefined) {
      shapes.set(value, shape);
    }
  }
  return shapes;
}

function reshape(graph: GraphEditor, shapes: Shapes, node: NodeProto): Outcome {
  const [input = ''] = node.input;
  const [output = ''] = node.output;
  const shape = shapes.get(output);
  if (shape !== undefined && shapes.get(input)?.join() === shape.join()) {
    bypass(graph, node);
    return 'changed';
  }
  const meeting = meetingOf(graph, node, RESHAPING);
  if (meeting === undefined) {
    return 'kept';
  }
  const { other, between } = meeting;
  const [source = ''] = other.input;
  const outer = shapes.get(source);
  const inner = shapes.get(other.output[0] ?? '');
  if (shape === undefined || outer === undefined || inner === undefined) {
    return 'unknown';
  }
  // Of a shape constant, 0 would mean the size of the input.
  const keepsLastAxis = outer.at(-1) === inner.at(-1);
  if (shape.includes(0) || !between.every((passed) => lets(shapes, passed, keepsLastAxis))) {
    return 'kept';
  }
  node.opType = 'Reshape';
  node.attribute = [];
  graph.setInput(node, 1, graph.addInts(`${output}_shape`, shape));
  moveDown(graph, shapes, node, { other, between });
  return 'changed';
}

function turn(graph: GraphEditor, shapes: Shapes, node: NodeProto): Outcome {
  const order = intsAttribute(node, 'perm');
  if (order?.every((from, axis) => from === axis) === true) {
    bypass(graph, node);
    return 'changed';
  }
  const meeting = meetingOf(graph, node, ['Transpose']);
  const inner = meeting === undefined ? undefined : intsAttribute(meeting.other, 'perm');
  const both = order?.map((axis) => inner?.[axis]).filter((axis) => axis !== undefined);
  if (meeting === undefined || inner === undefined || both?.length !== inner.length) {
    return 'kept';
  }
  const keepsLastAxis = inner.at(-1) === inner.length - 1;
  if (!meeting.between.every((passed) => lets(shapes, passed, keepsLastAxis))) {
    return 'kept';
  }
  setAttribute(node, 'perm', { ints: both });
  moveDown(graph, shapes, node, meeting);
  return 'changed';
}

/** Another node of a kind upstream, and the nodes between it and the one that looks, the last first. */
interface Meeting {
  readonly other: NodeProto;
  readonly between: readonly NodeProto[];
}

/**
 * The next of `opTypes` upstream of `node`, with nothing between that would notice if it were moved
 * down: every value on the way, unless there is none, is read by the next node only.
 */
function meetingOf(graph: GraphEditor, node: NodeProto, opTypes: readonly string[]): Meeting | undefined {
  const between: NodeProto[] = [];
  for (let [value = ''] = node.input; ;) {
    const above = graph.producer(value);
    const isOnlyReader = graph.onlyConsumer(value) === (between.at(-1) ?? node);
    if (above === undefined || (between.length > 0 && !isOnlyReader)) {
      return undefined;
    }
    const operator = opKey(above);
    if (opTypes.includes(operator)) {
      return { other: above, between };
    }
    if (!isOnlyReader || !(operator === 'LayerNormalization' || ELEMENTWISE.includes(operator))) {
      return undefined;
    }
    between.push(above);
    value = above.input[0] ?? '';
  }
}

/** Whether a node computes the same behind a change of axes as before it. */
function lets(shapes: Shapes, node: NodeProto, keepsLastAxis: boolean): boolean {
  if (node.opType !== 'LayerNormalization') {
    return true;
  }
  const axis = intAttribute(node, 'axis') ?? -1;
  const rank = shapes.get(node.input[0] ?? '')?.length;
  // Its other outputs, mean and deviation, would have other axes.
  return keepsLastAxis && (axis === -1 || axis + 1 === rank) && node.output.length === 1;
}

/** Takes `other` away from above the nodes between, now that `node` does its part as well. */
function moveDown(graph: GraphEditor, shapes: Shapes, node: NodeProto, { other, between }: Meeting): void {
  const [source = ''] = other.input;
  const shape = shapes.get(source);
  for (const { output } of between) {
    if (shape !== undefined) {
      shapes.set(output[0] ?? '', shape);
    }
  }
  for (const passed of between.filter(({ opType }) => opType === 'LayerNormalization')) {
    setAttribute(passed, 'axis', { int: -1 });
  }
  graph.setInput(between.at(-1) ?? node, 0, source);
  const [unread = ''] = other.output;
  // What nobody reads any more must not count as a reader itself.
  if (graph.consumers(unread).length === 0 && !graph.isGraphOutput(unread)) {
    graph.remove(other);
  }
}

function bypass(graph: GraphEditor, node: NodeProto): void {
  const [input = ''] = node.input;
  graph.replaceUses(node.output[0] ?? '', input);
  graph.remove(node);
}
