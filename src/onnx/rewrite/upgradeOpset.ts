import type { NodeProto } from '../generated/onnx_pb.ts';
import { intsAttribute, opKey, stringAttribute } from '../node.ts';
import type { GraphEditor } from './graphEditor.ts';
import { labelOf } from './matching.ts';
import type { LeftAlone, Pass } from './pass.ts';
import { setAttribute } from './setAttribute.ts';

const OLDEST = 13;
/** The first operator set with Gelu. */
const TARGET = 20;

/** How an operator of an older set is written in the target set. */
interface Change {
  /** The operator set that changed it. */
  readonly since: number;
  /** Why this node cannot be converted; left out: all can. */
  readonly refuse?: (node: NodeProto) => string | undefined;
  /** Left out: nothing to do once it is not refused. */
  readonly convert?: (graph: GraphEditor, node: NodeProto) => void;
}

/** These took their axes as an attribute until opset 17. ReduceSum changed in 13 already. */
const REDUCTIONS = `
  ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare
`
  .trim()
  .split(/\s+/);

/**
 * The operators of ONNX whose old form means something else, or nothing, in the target set. All
 * others that changed from 14 to 20 only gained element types, inputs or attributes whose defaults
 * are the old behaviour. (From ONNX's own schemas, `onnx.defs.get_all_schemas_with_history`.)
 */
const changes: ReadonlyMap<string, Change> = new Map<string, Change>([
  ...REDUCTIONS.map((op): [string, Change] => [op, { since: 18, convert: axesToInput }]),
  ['Split', { since: 18, convert: countParts }],
  ['BatchNormalization', { since: 14, refuse: refuseTraining }],
  ['RoiAlign', { since: 16, convert: keepRoiCorners }],
  ['GridSample', { since: 20, convert: renameMode }],
  ['DFT', { since: 20, refuse: () => 'DFT takes its axis otherwise since opset 20, which is not converted' }],
]);

/**
 * Raises ONNX's operator set from 13..19 to 20, so that Gelu exists, and rewrites the operators that
 * changed on the way. A model below 13 or above 20 keeps its set, and so does one with an operator
 * that is not converted. `rewritten` counts the operators, and the set as one.
 */
export const upgradeOpset: Pass = {
  name: 'upgrade_opset',
  exact: true,
  apply: (graph) => {
    const from = graph.opset;
    if (from >= TARGET) {
      return { rewritten: 0, leftAlone: [] };
    }
    if (from < OLDEST) {
      const reason = `opset ${from} is older than ${OLDEST}: export the model with opset 17 or newer`;
      return { rewritten: 0, leftAlone: [{ node: 'opset_import', reason }] };
    }
    const changed = graph.nodes.flatMap((node) => {
      const change = changes.get(opKey(node));
      return change === undefined || change.since <= from ? [] : [{ node, change }];
    });
    const leftAlone = changed.flatMap(({ node, change }): LeftAlone[] => {
      const reason = change.refuse?.(node);
      return reason === undefined ? [] : [{ node: labelOf(node), reason: `the model keeps opset ${from}: ${reason}` }];
    });
    if (leftAlone.length > 0) {
      return { rewritten: 0, leftAlone };
    }
    const converted = changed.filter(({ change }) => change.convert !== undefined);
    for (const { node, change } of converted) {
      change.convert?.(graph, node);
    }
    graph.opset = TARGET;
    return { rewritten: converted.length + 1, leftAlone: [] };
  },
};

function axesToInput(graph: GraphEditor, node: NodeProto): void {
  const axes = intsAttribute(node, 'axes') ?? [];
  node.attribute = node.attribute.filter(({ name }) => name !== 'axes');
  // Without axes, or with none in the list, both forms reduce all of them.
  if (axes.length > 0) {
    node.input = [node.input[0] ?? '', graph.addInts(`${node.output[0]}_axes`, axes)];
  }
}

/** An even split had to be one; since 18 it says into how many parts. */
function countParts(_graph: GraphEditor, node: NodeProto): void {
  if ((node.input[1] ?? '') === '') {
    setAttribute(node, 'num_outputs', { int: node.output.length });
  }
}

function refuseTraining(node: NodeProto): string | undefined {
  return node.output.slice(1).some((output) => output !== '')
    ? 'its BatchNormalization also returns statistics, as for training; export the model for inference'
    : undefined;
}

/** What was the only way became one of two, and not the default. */
function keepRoiCorners(_graph: GraphEditor, node: NodeProto): void {
  setAttribute(node, 'coordinate_transformation_mode', { text: 'output_half_pixel' });
}

function renameMode(_graph: GraphEditor, node: NodeProto): void {
  const mode = stringAttribute(node, 'mode');
  const renamed = mode === 'bilinear' ? 'linear' : mode === 'bicubic' ? 'cubic' : mode;
  if (renamed !== undefined) {
    setAttribute(node, 'mode', { text: renamed });
  }
}
