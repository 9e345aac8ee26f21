import type { NodeProto } from '../generated/onnx_pb.ts';
import { opKey } from '../node.ts';
import { type GeluPattern, matchGelu } from './geluPattern.ts';
import type { GraphEditor } from './graphEditor.ts';
import { isOp, labelOf } from './matching.ts';
import type { LeftAlone, Pass } from './pass.ts';

/** The first operator set with Gelu. */
const FIRST_OPSET = 20;

/** ONNX Runtime's own operators for a GELU of their input, or of the sum of both inputs. */
const CONTRIB_OPERATORS: ReadonlyMap<string, GeluPattern['approximate']> = new Map([
  ['com.microsoft.Gelu', 'none'],
  ['com.microsoft.BiasGelu', 'none'],
  ['com.microsoft.FastGelu', 'tanh'],
]);

/** Replaces GELUs that are written out as single operators, and ONNX Runtime's own, by ONNX's operator Gelu. */
export const fuseGelu: Pass = {
  name: 'fuse_gelu',
  exact: true,
  apply: (graph) => {
    const leftAlone: LeftAlone[] = [];
    let rewritten = 0;
    for (const node of graph.nodes) {
      const match = isOp(node, 'Erf', 'Tanh') ? matchGelu(graph, node) : contribOf(node);
      if (match === undefined) {
        continue;
      }
      if ('reason' in match) {
        leftAlone.push({ node: labelOf(node), reason: `no GELU that can be fused: ${match.reason}` });
      } else if (graph.opset < FIRST_OPSET) {
        const reason = `Gelu needs opset ${FIRST_OPSET}, the model has ${graph.opset}`;
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

interface Replacement extends GeluPattern {
  /** Added to the source first. */
  readonly bias?: string;
}

function contribOf(node: NodeProto): Replacement | undefined {
  const approximate = CONTRIB_OPERATORS.get(opKey(node));
  const [source = '', bias = ''] = node.input;
  return approximate && { source, approximate, last: node, ...(bias !== '' && { bias }) };
}

function replace(graph: GraphEditor, { source, bias, approximate, last }: Replacement): void {
  const gelu = graph.addNode({
    opType: 'Gelu',
    inputs: [bias === undefined ? source : graph.addNode({ opType: 'Add', inputs: [source, bias], hint: 'biased' })],
    attributes: { approximate: { text: approximate } },
  });
  graph.replaceUses(last.output[0] ?? '', gelu);
}
