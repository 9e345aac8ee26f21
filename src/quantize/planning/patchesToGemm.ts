import type { NodeProto } from '../../onnx/generated/onnx_pb.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/node.ts';
import type { FloatConstant, GraphEditor } from '../../onnx/rewrite/graphEditor.ts';
import { floatConstant, hasFixedInputs, isOp, labelOf, producerOf } from '../../onnx/rewrite/matching.ts';
import type { LeftAlone, Pass } from '../../onnx/rewrite/pass.ts';

/** From channels last to channels first. */
const CHANNELS_FIRST = [0, 3, 1, 2];
const CHANNELS_LAST = [0, 2, 3, 1];

/**
 * Writes a convolution whose kernels lie side by side, such as a ConvNeXt's or Swin's downsampling,
 * as a Gemm of patches, where its pixels come from channels last. Exact. As integers a Gemm can
 * answer floats, a convolution only integers: the stream behind it keeps its digits, and nothing
 * has to be turned back. Reshapes and transposes it leaves behind are for `cleanShapes`.
 */
export const patchesToGemm: Pass = {
  name: 'patches_to_gemm',
  exact: true,
  apply: (graph) => {
    let rewritten = 0;
    const leftAlone: LeftAlone[] = [];
    for (const node of graph.nodes) {
      const weight = isOp(node, 'Conv') ? floatConstant(graph, node.input[1]) : undefined;
      if (weight?.dims.length !== 4 || !isWhole(node) || !isTiled(node, weight) || !isChannelsLast(graph, node)) {
        continue;
      }
      const [, channels, height, width] = hasFixedInputs(graph) ? (graph.shape(node.input[0] ?? '') ?? []) : [];
      const [rows = 1, columns = 1] = weight.dims.slice(2);
      if (channels === undefined || height === undefined || width === undefined) {
        leftAlone.push({ node: labelOf(node), reason: 'the size of its image is not known without a run' });
      } else if (height % rows !== 0 || width % columns !== 0) {
        leftAlone.push({
          node: labelOf(node),
          reason: `its ${rows}x${columns} patches do not cover ${height}x${width}`,
        });
      } else {
        toGemm(graph, node, weight, [height / rows, width / columns]);
        rewritten += 1;
      }
    }
    return { rewritten, leftAlone };
  },
};

/** Whether every output sees all channels of one unpadded, undilated patch. */
function isWhole(node: NodeProto): boolean {
  const autoPad = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  const isPadded = (intsAttribute(node, 'pads') ?? []).some((size) => size !== 0) || autoPad.startsWith('SAME');
  const isDilated = (intsAttribute(node, 'dilations') ?? []).some((dilation) => dilation !== 1);
  return (intAttribute(node, 'group') ?? 1) === 1 && !isPadded && !isDilated;
}

/** Whether the kernels lie side by side, and see more than one pixel. */
function isTiled(node: NodeProto, { dims }: FloatConstant): boolean {
  const strides = intsAttribute(node, 'strides') ?? [1, 1];
  return (dims[2] ?? 0) > 1 && dims.slice(2).join() === strides.join();
}

function isChannelsLast(graph: GraphEditor, node: NodeProto): boolean {
  const turned = producerOf(graph, node.input[0], 'Transpose');
  return turned !== undefined && intsAttribute(turned, 'perm')?.join() === CHANNELS_FIRST.join();
}

function toGemm(graph: GraphEditor, node: NodeProto, weight: FloatConstant, [rows, columns]: [number, number]): void {
  const [outputs = 0, channels = 0, height = 1, width = 1] = weight.dims;
  const reshape = (value: string, sizes: readonly number[]): string =>
    graph.addNode({ opType: 'Reshape', inputs: [value, graph.addInts('shape', sizes)] });
  const turn = (value: string, perm: readonly number[]): string =>
    graph.addNode({ opType: 'Transpose', inputs: [value], attributes: { perm: { ints: perm } } });

  const pixels = turn(node.input[0] ?? '', CHANNELS_LAST);
  const patches = turn(reshape(pixels, [rows, height, columns, width * channels]), [0, 2, 1, 3]);
  const size = height * width * channels;
  const bias = node.input[2] ?? '';
  const product = graph.addNode({
    opType: 'Gemm',
    inputs: [
      reshape(patches, [rows * columns, size]),
      graph.addFloats('weight', [size, outputs], byPatch(weight)),
      bias === '' ? graph.addFloats('bias', [outputs], new Float32Array(outputs)) : bias,
    ],
    hint: `${node.output[0] ?? ''}_gemm`,
  });
  graph.replaceUses(node.output[0] ?? '', turn(reshape(product, [1, rows, columns, outputs]), CHANNELS_FIRST));
  graph.remove(node);
  const gemm = graph.producer(product);
  if (gemm !== undefined) {
    gemm.name = node.name;
  }
}

/** [outputs, channels, height, width] as [height * width * channels, outputs]. */
function byPatch({ dims: [outputs = 0, channels = 0, height = 0, width = 0], data }: FloatConstant): Float32Array {
  const taps = height * width;
  const rows = new Float32Array(data.length);
  for (let output = 0; output < outputs; output += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      for (let tap = 0; tap < taps; tap += 1) {
        rows[(tap * channels + channel) * outputs + output] = data[(output * channels + channel) * taps + tap] ?? 0;
      }
    }
  }
  return rows;
}
