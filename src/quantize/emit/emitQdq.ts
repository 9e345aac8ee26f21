import type { NodeProto } from '../../onnx/generated/onnx_pb.ts';
import type { GraphEditor } from '../../onnx/rewrite/graphEditor.ts';
import type { Recipe } from '../../records/recipe.ts';
import type { ActivationParams } from '../activationParams.ts';
import type { PlannedNode, QuantizationPlan } from '../plan.ts';
import { boundsOf } from '../planning/followers.ts';
import { emitDynamic } from './dynamicLinear.ts';
import { RoundedValues } from './roundedValues.ts';
import { emitStatic, type Operand } from './staticMultiplier.ts';

/**
 * Writes the planned nodes in the QDQ form, which any runtime reads: floats are rounded by pairs of
 * QuantizeLinear and DequantizeLinear around nodes of ONNX's own domain, so that ONNX Runtime makes
 * an integer kernel of each. Zero points are explicit, weights, biases and their scales belong to one
 * node each, and a Relu or Clip becomes the range of what it was given. Outputs of the graph stay
 * floats and keep their names.
 *
 * @param params by the names of `plan.values`
 * @param means calibration's mean of each channel of those values that have a channel axis, for
 *   `recipe.bias_correction`; layers behind other values keep their bias
 */
export function emitQdq(
  graph: GraphEditor,
  plan: QuantizationPlan,
  params: ReadonlyMap<string, ActivationParams>,
  recipe: Recipe,
  means: ReadonlyMap<string, Float64Array> = new Map(),
): void {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const planned = plan.nodes.map((entry): [PlannedNode, NodeProto] => {
    const node = nodes.get(entry.name);
    if (node === undefined) {
      throw new Error(`the graph has no node ${entry.name}: it was planned for another one`);
    }
    return [entry, node];
  });
  const unbounded = new Map(
    planned
      .filter(([entry]) => isBound(entry))
      .map(([, { input, output }]) => [output[0] ?? '', input[0] ?? ''] as const),
  );
  const shifted = recipe.activations === 's8' ? shiftedToFloors(graph, plan, params, unbounded) : params;
  const values = new RoundedValues(graph, plan, shifted, recipe.activations, unbounded);

  for (const [entry, node] of planned.filter(([other]) => !isBound(other))) {
    for (const [index, input] of node.input.entries()) {
      if (entry.inputs.includes(input)) {
        graph.setInput(node, index, values.read(input));
      }
    }
    const [operand] = entry.inputs;
    const scale = operand === undefined ? 1 : values.paramsOf(operand).scale;
    emitNode(
      graph,
      entry,
      node,
      { scale, means: recipe.bias_correction ? means.get(operand ?? '') : undefined },
      recipe,
    );
  }
  const handedToBound = new Set(unbounded.values());
  for (const [entry, { output }] of planned) {
    const [value = ''] = output;
    if (entry.output === 'integer' && !handedToBound.has(value)) {
      values.replace(value);
    }
  }
}

/** Whether a planned node is a Relu or Clip that the range of the integers replaces. */
function isBound({ opType, kernel }: PlannedNode): boolean {
  return kernel === 'dropped' && (opType === 'Relu' || opType === 'Clip');
}

/**
 * Signed integers are symmetric around 0, so that nothing would be cut off where a Relu was: there
 * the zero point moves to the lowest integer, and all 255 steps serve the positive numbers.
 */
function shiftedToFloors(
  graph: GraphEditor,
  { rangeOf }: QuantizationPlan,
  params: ReadonlyMap<string, ActivationParams>,
  unbounded: ReadonlyMap<string, string>,
): ReadonlyMap<string, ActivationParams> {
  const shifted = new Map(params);
  for (const output of unbounded.keys()) {
    const relu = graph.producer(output);
    const range = rangeOf.get(output) ?? output;
    const symmetric = params.get(range);
    if (symmetric?.zeroPoint === 0 && relu !== undefined && boundsOf(graph, relu).low === 0) {
      shifted.set(range, { ...symmetric, scale: Math.fround((symmetric.scale * 127) / 255), zeroPoint: -128 });
    }
  }
  return shifted;
}

function emitNode(graph: GraphEditor, entry: PlannedNode, node: NodeProto, operand: Operand, recipe: Recipe): void {
  switch (entry.kernel) {
    case 'QLinearConv':
    case 'QGemm':
    case 'QLinearMatMul':
    case 'MatMulIntegerToFloat':
      emitStatic(graph, node, entry, operand, recipe);
      break;
    case 'DynamicQuantizeMatMul':
      emitDynamic(graph, node, recipe);
      break;
    case 'QLinearGlobalAveragePool':
      node.opType = 'GlobalAveragePool';
      node.input = node.input.slice(0, 1);
      node.attribute = [];
      graph.changed();
      break;
    case 'QLinearAdd':
    case 'dropped':
      break;
  }
}
