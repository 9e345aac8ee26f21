import { absorbIntoLinear } from '../absorbIntoLinear.ts';
import type { GraphEditor } from '../graphEditor.ts';
import { linearReaders } from '../linearReaders.ts';
import type { LeftAlone } from '../pass.ts';
import { emitGrn, type TokenSample } from './emitGrn.ts';
import type { Grn } from './findGrns.ts';
import { isZero } from './terms.ts';

/**
 * Puts the fast form of a GRN in its place. Its shift goes into the biases of the linear layers that
 * read it; where something else reads it too, the shift stays an addition, and that is said.
 */
export function replaceGrn(graph: GraphEditor, grn: Grn, sample?: TokenSample): readonly LeftAlone[] {
  const { result, shape, channelAxis, shift } = grn;
  const readers = linearReaders(graph, { value: result, shape, channelAxis });
  const scaled = emitGrn(graph, grn, sample);
  if (isZero(shift)) {
    graph.replaceUses(result, scaled);
    return [];
  }
  const obstacle =
    'reason' in readers
      ? readers.reason
      : readers.some(({ takesShift }) => !takesShift)
        ? 'the convolution behind it pads its borders'
        : undefined;
  if (obstacle === undefined && !('reason' in readers)) {
    readers.forEach((linear) => absorbIntoLinear(graph, linear, { shift }));
    graph.replaceUses(result, scaled);
    return [];
  }
  const dims = shape.map((size, axis) => (axis === channelAxis ? size : 1));
  const constant = graph.addFloats('grn_shift', dims, Float32Array.from(shift));
  graph.replaceUses(result, graph.addNode({ opType: 'Add', inputs: [scaled, constant], hint: 'grn_shifted' }));
  return [{ node: grn.label, reason: `the shift of its GRN stays an addition: ${obstacle}` }];
}
