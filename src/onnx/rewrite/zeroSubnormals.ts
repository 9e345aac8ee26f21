import { encodeConstant } from './constants.ts';
import type { Pass } from './pass.ts';

/** Below this, float32 numbers are subnormal. */
const SMALLEST_NORMAL = 2 ** -126;

/**
 * Sets subnormal float32 weights to 0; `rewritten` counts them. CPUs compute with subnormal numbers
 * ten and more times slower (trained weights that decayed to nothing once made a ResNet50 ten times
 * slower). Exact to 1.2e-38 per weight, far below what float32 keeps of a sum of ordinary numbers.
 * Run it after `foldShapes`, which makes initialisers of Constant nodes.
 */
export const zeroSubnormals: Pass = {
  name: 'zero_subnormals',
  exact: true,
  apply: (graph) => {
    let rewritten = 0;
    for (const { name } of graph.initializers) {
      const weights = graph.floats(name);
      const subnormal = weights === undefined ? 0 : countSubnormals(weights.data);
      if (weights !== undefined && subnormal > 0) {
        const data = weights.data.map((value) => (Math.abs(value) < SMALLEST_NORMAL ? 0 : value));
        graph.setConstant(name, encodeConstant(name, weights.dims, data));
        rewritten += subnormal;
      }
    }
    return { rewritten, leftAlone: [] };
  },
};

/** By index: a model has tens of millions of weights, and an iterator costs two to three times as much for each. */
function countSubnormals(weights: Float32Array): number {
  let count = 0;
  for (let index = 0; index < weights.length; index += 1) {
    const value = weights[index] ?? 0;
    count += value !== 0 && value < SMALLEST_NORMAL && value > -SMALLEST_NORMAL ? 1 : 0;
  }
  return count;
}
