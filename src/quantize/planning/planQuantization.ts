import type { NodeProto } from '../../onnx/generated/onnx_pb.ts';
import type { GraphEditor } from '../../onnx/rewrite/graphEditor.ts';
import { isOp } from '../../onnx/rewrite/matching.ts';
import type { LeftAlone } from '../../onnx/rewrite/pass.ts';
import type { Recipe } from '../../records/recipe.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import type { PlannedNode, QuantizationPlan } from '../plan.ts';
import { followerKernel } from './followers.ts';
import { IntegerFlow } from './integerFlow.ts';
import { headsOf, isMultiplier, judgeMultiplier, type Verdict } from './multipliers.ts';
import { nameNodes } from './nameNodes.ts';
import { rangesOf } from './ranges.ts';

/**
 * Decides which nodes of a rewritten graph compute with integers, so that each becomes a kernel of
 * its own in ONNX Runtime 1.30: convolutions and linear layers, and between them the sums, pools and
 * Relus that have integers on all sides. Normalisations, activations, GRN and the head stay float.
 * Nodes without a name get one, which the plan, the recipe and the proof of fusion go by.
 *
 * @throws BeltbenchError `bad_model` when nothing would be quantized, `bad_usage` when
 *   `recipe.keep_float` names a node that does not exist
 */
export function planQuantization(graph: GraphEditor, recipe: Recipe): QuantizationPlan {
  nameNodes(graph);
  assertNamesExist(graph, recipe);
  const verdicts = judge(graph, recipe);
  const kernels = [...verdicts].flatMap(([node, { kernel }]) =>
    kernel === undefined ? [] : [[node, kernel] as const],
  );
  const flow = new IntegerFlow(graph, recipe, new Map(kernels));
  const planned = graph.nodes.filter((node) => flow.kernelOf(node) !== undefined);
  const leftFloat = [...leftMultipliers(verdicts, flow), ...leftFollowers(graph, recipe, flow)];
  if (planned.length === 0) {
    throw nothingToQuantize(leftFloat);
  }
  return {
    nodes: planned.map((node) => describeNode(node, flow)),
    ...rangesOf(graph, flow, planned),
    leftFloat,
  };
}

/** Judges what has weights; a MatMul of two computed values, such as one of GRN's sums, has none. */
function judge(graph: GraphEditor, recipe: Recipe): ReadonlyMap<NodeProto, Verdict> {
  const multipliers = graph.nodes.filter((node) => isOp(node, 'Conv', 'Gemm') || isMultiplier(graph, node));
  const heads = headsOf(
    graph,
    multipliers.filter((node) => isMultiplier(graph, node)),
  );
  return new Map(multipliers.map((node) => [node, judgeMultiplier(graph, node, recipe, heads.has(node))]));
}

function describeNode(node: NodeProto, flow: IntegerFlow): PlannedNode {
  return {
    name: node.name,
    opType: node.opType,
    kernel: flow.kernelOf(node) ?? 'dropped',
    inputs: flow.operandsOf(node),
    output: flow.handsOn(node) ? 'integer' : 'float',
  };
}

function leftMultipliers(verdicts: ReadonlyMap<NodeProto, Verdict>, flow: IntegerFlow): readonly LeftAlone[] {
  return [...verdicts].flatMap(([node, { reason }]) => {
    if (reason === undefined && flow.kernelOf(node) !== undefined) {
      return [];
    }
    return [
      {
        node: node.name,
        reason:
          reason ?? 'it has too few channels for a fast kernel of integers, and nothing reads its result as integers',
      },
    ];
  });
}

/** Sums and pools that touch integers and yet compute with floats. */
function leftFollowers(graph: GraphEditor, recipe: Recipe, flow: IntegerFlow): readonly LeftAlone[] {
  return graph.nodes
    .filter((node) => isOp(node, 'Add', 'MaxPool', 'GlobalAveragePool', 'ReduceMean'))
    .filter((node) => flow.kernelOf(node) === undefined)
    .flatMap((node): LeftAlone[] => {
      const operands = node.input.slice(0, isOp(node, 'Add') ? 2 : 1);
      const integers = operands.filter((input) => {
        const producer = graph.producer(input);
        return producer !== undefined && flow.handsOn(producer);
      });
      if (integers.length === 0) {
        return [];
      }
      if (recipe.keep_float.includes(node.name)) {
        return [{ node: node.name, reason: 'the recipe keeps it float' }];
      }
      if (followerKernel(graph, node) === undefined) {
        return isOp(node, 'Add') ? [{ node: node.name, reason: 'one summand is a constant' }] : [];
      }
      const reason =
        integers.length < operands.length
          ? 'one summand is computed with floats'
          : 'nothing reads its result as integers';
      return [{ node: node.name, reason }];
    });
}

function assertNamesExist(graph: GraphEditor, { keep_float: kept }: Recipe): void {
  const names = new Set(graph.nodes.map(({ name }) => name));
  const unknown = kept.find((name) => !names.has(name));
  if (unknown !== undefined) {
    throw new BeltbenchError(
      'bad_usage',
      `keep_float names nodes of the rewritten graph, received ${JSON.stringify(unknown)}, which it has not; take the names from model.nodes or model.left_float in the manifest of a file made without it`,
    );
  }
}

function nothingToQuantize(leftFloat: readonly LeftAlone[]): BeltbenchError {
  const [first] = leftFloat;
  const found =
    first === undefined
      ? 'this model has none'
      : `of this model's ${leftFloat.length} none can be: ${first.node}, because ${first.reason}`;
  return new BeltbenchError(
    'bad_model',
    `nothing to quantize: a convolution or linear layer with stored float32 weights is needed, and ${found}`,
  );
}
