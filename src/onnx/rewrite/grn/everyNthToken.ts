import type { GraphEditor } from '../graphEditor.ts';
import type { LeftAlone, Pass } from '../pass.ts';
import { isTokenMatrix } from './emitGrn.ts';
import { findGrns, type Grn } from './findGrns.ts';
import { replaceGrn } from './replaceGrn.ts';
import { tokenLattice } from './tokenLattice.ts';

/** Below this many tokens the norms lean on each of them, and the GRN costs too little to gain anything. */
const FEWEST_TOKENS = 256;

/** How far in front of a GRN the map is looked for whose rows the matrix of its tokens holds. */
const FURTHEST_MAP = 12;

interface Grid {
  readonly height: number;
  readonly width: number;
}

/**
 * Takes the norms of every global response normalisation from every `n`-th token, spread evenly over
 * the image (`tokenLattice`), and scales them so that the expected sum of squares stays the same. Only
 * with channels last and at least 256 tokens; the other GRNs stay as they are. To be applied before
 * `rewriteGrn` or behind it: either way these GRNs get the fast form.
 */
export function grnEveryNthToken(n: number): Pass {
  return {
    name: `grn_token_step_${n}`,
    exact: false,
    apply: (graph) => {
      const { grns, leftAlone } = findGrns(graph);
      const kept: LeftAlone[] = [...leftAlone];
      let rewritten = 0;
      for (const grn of grns) {
        const grid = gridOf(graph, grn);
        if ('reason' in grid) {
          kept.push({ node: grn.label, reason: grid.reason });
        } else {
          kept.push(...replaceGrn(graph, grn, { tokens: tokenLattice(grid.height, grid.width, n) }));
          rewritten += 1;
        }
      }
      graph.prune();
      return { rewritten, leftAlone: kept };
    },
  };
}

function gridOf(graph: GraphEditor, grn: Grn): Grid | { readonly reason: string } {
  if (!isTokenMatrix(graph, grn)) {
    return { reason: 'its tokens are not the rows of one matrix: the channels are not last, or the batch is not 1' };
  }
  const { source, shape, channelAxis } = grn;
  const tokens = shape.reduce((product, size, axis) => (axis === channelAxis ? product : product * size), 1);
  if (tokens < FEWEST_TOKENS) {
    return { reason: `it has ${tokens} tokens, fewer than ${FEWEST_TOKENS}` };
  }
  return mapInFront(graph, source, tokens) ?? { reason: 'the height and width of its map are not known' };
}

/** The nearest value in front with [1, height, width, channels], all tokens of it. */
function mapInFront(graph: GraphEditor, source: string, tokens: number): Grid | undefined {
  let value = source;
  for (let steps = 0; steps < FURTHEST_MAP; steps += 1) {
    const [images, height = 0, width = 0, channels] = graph.shape(value) ?? [];
    if (images === 1 && channels !== undefined && height * width === tokens) {
      return { height, width };
    }
    value = graph.producer(value)?.input[0] ?? '';
  }
  return undefined;
}
