import { absorbIntoLinear } from '../absorbIntoLinear.ts';
import type { GraphEditor } from '../graphEditor.ts';
import { linearReaders } from '../linearReaders.ts';
import type { LeftAlone, Pass } from '../pass.ts';
import { findGrns, type Grn } from './findGrns.ts';

/**
 * The values whose calibration means `freezeGrn` wants: the response of every global response
 * normalisation, one number per image and channel.
 */
export function grnTaps(graph: GraphEditor): readonly { value: string; channelAxis: number }[] {
  return findGrns(graph).grns.map(({ response, channelAxis }) => ({ value: response, channelAxis }));
}

/**
 * Freezes the factor of every global response normalisation at its calibration mean and multiplies it
 * into the rows of the next linear layer's weight, W' = diag(1 + gamma * mean) W; the GRN disappears.
 * It can stand before or behind `rewriteGrn`; `meanOf` is asked for the values that `grnTaps` names in
 * the same graph and answers with one number per channel. A GRN without finite means stays as it is.
 */
export function freezeGrn(meanOf: (value: string) => Float64Array | undefined): Pass {
  return {
    name: 'freeze_grn',
    exact: false,
    apply: (graph) => {
      const { grns, leftAlone } = findGrns(graph);
      const kept: LeftAlone[] = [...leftAlone];
      let rewritten = 0;
      for (const grn of grns) {
        const means = meanOf(grn.response);
        if (means?.length === grn.gain.length && means.every((mean) => Number.isFinite(mean))) {
          kept.push(...freeze(graph, grn, means));
          rewritten += 1;
        } else {
          kept.push({ node: grn.label, reason: `calibration has no finite mean of its response "${grn.response}"` });
        }
      }
      graph.prune();
      return { rewritten, leftAlone: kept };
    },
  };
}

function freeze(graph: GraphEditor, grn: Grn, means: Float64Array): readonly LeftAlone[] {
  const { source, result, shape, channelAxis, gain, shift } = grn;
  const scale = grn.scale.map((number, channel) => number + (gain[channel] ?? 0) * (means[channel] ?? 0));
  const readers = linearReaders(graph, { value: result, shape, channelAxis });
  if (!('reason' in readers) && readers.every(({ takesShift }) => takesShift)) {
    readers.forEach((linear) => absorbIntoLinear(graph, linear, { scale, shift }));
    graph.replaceUses(result, source);
    return [];
  }
  const dims = shape.map((size, axis) => (axis === channelAxis ? size : 1));
  const constant = (numbers: Float64Array): string => graph.addFloats('grn_frozen', dims, Float32Array.from(numbers));
  const scaled = graph.addNode({ opType: 'Mul', inputs: [source, constant(scale)], hint: 'grn_scaled' });
  const shifted = graph.addNode({ opType: 'Add', inputs: [scaled, constant(shift)], hint: 'grn_shifted' });
  graph.replaceUses(result, shifted);
  const obstacle = 'reason' in readers ? readers.reason : 'the convolution behind it pads its borders';
  return [{ node: grn.label, reason: `its frozen factor stays a multiplication: ${obstacle}` }];
}
