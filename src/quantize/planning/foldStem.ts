import type { NodeProto } from '../../onnx/generated/onnx_pb.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/node.ts';
import type { FloatConstant, GraphEditor } from '../../onnx/rewrite/graphEditor.ts';
import { floatConstant, isOp, labelOf } from '../../onnx/rewrite/matching.ts';
import type { LeftAlone, Pass } from '../../onnx/rewrite/pass.ts';
import { hasFewChannels } from './multipliers.ts';

const STRIDE = 2;

/** One spatial axis of a convolution with stride 2, and of the one with stride 1 over pairs of rows. */
interface Axis {
  readonly kernel: number;
  /** Where the first tap of the old kernel stands in the new one: 0 or 1. */
  readonly offset: number;
  readonly taps: number;
  readonly padBefore: number;
  readonly padAfter: number;
}

/**
 * Lays 2x2 pixels on top of each other before a convolution of stride 2 over an image of few
 * channels: 3 channels, for which the runtime has no fast convolution of integers, become 12. The
 * weights are laid out alike, with zeros where the old kernel ends. Exact; pays with integers only.
 *
 * @param keepFloat names of nodes that stay as they are
 */
export const foldStem = (keepFloat: readonly string[]): Pass => ({
  name: 'fold_stem',
  exact: true,
  apply: (graph) => {
    let rewritten = 0;
    const leftAlone: LeftAlone[] = [];
    const stems = graph.nodes.filter((node) => isStem(graph, node) && !keepFloat.includes(node.name));
    for (const node of stems) {
      const reason = foldOne(graph, node);
      if (reason === undefined) {
        rewritten += 1;
      } else {
        leftAlone.push({ node: labelOf(node), reason });
      }
    }
    return { rewritten, leftAlone };
  },
});

function isStem(graph: GraphEditor, node: NodeProto): boolean {
  const weight = isOp(node, 'Conv') ? floatConstant(graph, node.input[1]) : undefined;
  const strides = intsAttribute(node, 'strides');
  return (
    weight?.dims.length === 4 &&
    hasFewChannels(graph, node) &&
    (intAttribute(node, 'group') ?? 1) === 1 &&
    strides?.every((stride) => stride === STRIDE) === true
  );
}

/** Rewrites one convolution, or says why not. */
function foldOne(graph: GraphEditor, node: NodeProto): string | undefined {
  const weight = floatConstant(graph, node.input[1]);
  const [, , height, width] = graph.shape(node.input[0] ?? '') ?? [];
  if (weight === undefined || height === undefined || width === undefined) {
    return 'the size of its image is not known';
  }
  const autoPad = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  if (autoPad !== 'NOTSET' && autoPad !== '') {
    return `it pads by ${autoPad}, not by numbers`;
  }
  if (intsAttribute(node, 'dilations')?.some((dilation) => dilation !== 1) === true) {
    return 'its kernel is dilated';
  }
  const pads = intsAttribute(node, 'pads') ?? [0, 0, 0, 0];
  const rows = foldAxis(height, weight.dims[2] ?? 0, pads[0] ?? 0, pads[2] ?? 0);
  const columns = foldAxis(width, weight.dims[3] ?? 0, pads[1] ?? 0, pads[3] ?? 0);
  if (rows === undefined || columns === undefined) {
    return 'its image has an odd size';
  }
  const folded = foldWeights(weight, rows, columns);
  const pixels = graph.addNode({
    opType: 'SpaceToDepth',
    inputs: [node.input[0] ?? ''],
    attributes: { blocksize: { int: STRIDE } },
  });
  const output = graph.addNode({
    opType: 'Conv',
    inputs: [pixels, graph.addFloats(`${labelOf(node)}_folded`, folded.dims, folded.data), ...node.input.slice(2)],
    attributes: {
      pads: { ints: [rows.padBefore, columns.padBefore, rows.padAfter, columns.padAfter] },
      kernel_shape: { ints: [rows.taps, columns.taps] },
    },
    hint: 'stem',
  });
  const stem = graph.producer(output);
  graph.replaceUses(node.output[0] ?? '', output);
  graph.remove(node);
  if (stem !== undefined) {
    stem.name = node.name;
  }
  return undefined;
}

/** `undefined` when the pixels do not go in pairs. */
function foldAxis(size: number, kernel: number, padBefore: number, padAfter: number): Axis | undefined {
  const before = Math.ceil(padBefore / STRIDE);
  const offset = STRIDE * before - padBefore;
  const taps = Math.ceil((kernel + offset) / STRIDE);
  const outputs = Math.floor((size + padBefore + padAfter - kernel) / STRIDE) + 1;
  const after = outputs - 1 + taps - before - size / STRIDE;
  return size % STRIDE === 0 ? { kernel, offset, taps, padBefore: before, padAfter: after } : undefined;
}

/** [outputs, channels, kernel, kernel] as [outputs, 4 * channels, taps, taps], in the order of SpaceToDepth. */
function foldWeights({ dims, data }: FloatConstant, rows: Axis, columns: Axis): FloatConstant {
  const [outputs = 0, channels = 0] = dims;
  const foldedChannels = STRIDE * STRIDE * channels;
  const folded = new Float32Array(outputs * foldedChannels * rows.taps * columns.taps);
  for (let plane = 0; plane < outputs * channels; plane += 1) {
    const output = Math.floor(plane / channels);
    for (let y = 0; y < rows.kernel; y += 1) {
      for (let x = 0; x < columns.kernel; x += 1) {
        const [toY, toX] = [y + rows.offset, x + columns.offset];
        const corner = (toY % STRIDE) * STRIDE + (toX % STRIDE);
        const channel = output * foldedChannels + corner * channels + (plane % channels);
        const tap = Math.floor(toY / STRIDE) * columns.taps + Math.floor(toX / STRIDE);
        folded[channel * rows.taps * columns.taps + tap] = data[(plane * rows.kernel + y) * columns.kernel + x] ?? 0;
      }
    }
  }
  return { dims: [outputs, foldedChannels, rows.taps, columns.taps], data: folded };
}
