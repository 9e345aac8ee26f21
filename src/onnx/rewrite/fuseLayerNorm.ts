import type { GraphEditor } from './graphEditor.ts';
import { type LayerNormPattern, matchLayerNorm } from './layerNormPattern.ts';
import { isOp, labelOf } from './matching.ts';
import type { LeftAlone, Pass } from './pass.ts';

/** The first operator set with LayerNormalization. */
const FIRST_OPSET = 17;

/**
 * Replaces layer normalisations that are written out as single operators by LayerNormalization over
 * the last axis. One over another axis, such as the channels of [N, C, H, W], gets a Transpose in
 * front and one behind, which cancel where the graph goes on with channels last.
 */
export const fuseLayerNorm: Pass = {
  name: 'fuse_layer_norm',
  exact: true,
  apply: (graph) => {
    const leftAlone: LeftAlone[] = [];
    let rewritten = 0;
    for (const node of graph.nodes.filter((candidate) => isOp(candidate, 'Div', 'Mul'))) {
      const match = matchLayerNorm(graph, node);
      if (match === undefined) {
        continue;
      }
      if ('reason' in match) {
        leftAlone.push({ node: labelOf(node), reason: `no layer normalisation that can be fused: ${match.reason}` });
      } else if (graph.opset < FIRST_OPSET) {
        const reason = `LayerNormalization needs opset ${FIRST_OPSET}, the model has ${graph.opset}`;
        leftAlone.push({ node: labelOf(node), reason });
      } else {
        replace(graph, match);
        rewritten += 1;
      }
    }
    graph.prune();
    return { rewritten, leftAlone };
  },
};

function replace(graph: GraphEditor, { source, shape, axis, epsilon, scale, bias, last }: LayerNormPattern): void {
  const length = shape[axis] ?? 0;
  const axes = [...shape.keys()];
  const toLast = [...axes.filter((at) => at !== axis), axis];
  const isLast = axis === shape.length - 1;
  const affine = [graph.addFloats('layer_norm_scale', [length], scale ?? new Float32Array(length).fill(1))];
  if (bias !== undefined) {
    affine.push(graph.addFloats('layer_norm_bias', [length], bias));
  }
  const normalised = graph.addNode({
    opType: 'LayerNormalization',
    inputs: [isLast ? source : transposed(graph, source, toLast), ...affine],
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon } },
    hint: 'layer_norm',
  });
  const back = axes.map((at) => toLast.indexOf(at));
  graph.replaceUses(last.output[0] ?? '', isLast ? normalised : transposed(graph, normalised, back));
}

function transposed(graph: GraphEditor, value: string, perm: readonly number[]): string {
  return graph.addNode({ opType: 'Transpose', inputs: [value], attributes: { perm: { ints: perm } } });
}
