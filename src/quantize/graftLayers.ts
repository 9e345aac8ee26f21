import type { ModelProto, NodeProto } from '../onnx/generated/onnx_pb.ts';
import { Grafts } from '../onnx/rewrite/grafts.ts';
import type { PlannedNode } from './plan.ts';

/** Where a quantized layer and the float layer it stands for can be read side by side. */
export interface GraftedLayer {
  readonly node: string;
  readonly opType: string;
  readonly floatValue: string;
  readonly quantizedValue: string;
}

/**
 * The float model with a copy of every planned layer of its QDQ form beside the float one. The
 * copies read the float layer's own input, rounded as the QDQ form rounds it: so each shows what
 * its own rounding costs, and not what the layers before it lost already.
 *
 * @throws Error when a planned node stands in only one of them
 */
export function graftLayers(
  float: ModelProto,
  quantized: ModelProto,
  planned: readonly PlannedNode[],
): { model: ModelProto; layers: readonly GraftedLayer[] } {
  const nodes = float.graph?.node ?? [];
  const grafts = new Grafts(float, quantized);
  const dropped = new Set(planned.filter(({ kernel }) => kernel === 'dropped').map(({ name }) => name));
  const layers = planned
    .filter(({ name }) => !dropped.has(name))
    .map(({ name, opType, output }): GraftedLayer => {
      const node = nodes.find((other) => other.name === name);
      const value = node?.output[0];
      if (node === undefined || value === undefined) {
        throw new Error(`the float model has no node ${name}`);
      }
      const hasBias = node.opType === 'Gemm' && (node.input[2] ?? '') !== '';
      return {
        node: name,
        opType,
        floatValue: output === 'integer' ? bounded(nodes, value, dropped) : value,
        quantizedValue: grafts.addLayer(name, output, hasBias),
      };
    });
  return { model: grafts.build(), layers };
}

/** The value behind the Relu or Clip that the range of the integers replaces, if there is one. */
function bounded(nodes: readonly NodeProto[], value: string, dropped: ReadonlySet<string>): string {
  const bound = nodes.find(
    ({ name, opType, input }) => input[0] === value && dropped.has(name) && (opType === 'Relu' || opType === 'Clip'),
  );
  return bound === undefined ? value : bounded(nodes, bound.output[0] ?? '', dropped);
}
