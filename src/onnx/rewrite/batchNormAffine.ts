import type { NodeProto } from '../generated/onnx_pb.ts';
import { floatAttribute, intAttribute } from '../node.ts';
import type { GraphEditor } from './graphEditor.ts';

/** y = scale * x + shift, one of each per channel. */
export interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** ONNX's default. */
const EPSILON = 1e-5;

/** What a BatchNormalization computes at inference, or why that is not known. */
export function batchNormAffine(graph: GraphEditor, node: NodeProto): Affine | string {
  const [, ...statistics] = node.output;
  const isRead = statistics.some((output) => graph.consumers(output).length > 0 || graph.isGraphOutput(output));
  if (intAttribute(node, 'training_mode') === 1 || isRead) {
    return 'it is in training mode: export the model for inference';
  }
  if (intAttribute(node, 'spatial') === 0) {
    return 'it normalises each position by itself';
  }
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((index) => graph.floats(node.input[index] ?? '')?.data);
  if (scale === undefined || bias === undefined || mean === undefined || variance === undefined) {
    return 'its scale, bias, mean or variance is no float32 constant';
  }
  if ([bias, mean, variance].some(({ length }) => length !== scale.length)) {
    return 'its scale, bias, mean and variance differ in length';
  }
  const epsilon = floatAttribute(node, 'epsilon') ?? EPSILON;
  const factors = Float64Array.from(scale, (value, channel) => value / Math.sqrt((variance[channel] ?? 0) + epsilon));
  if (!factors.every(Number.isFinite)) {
    return 'its variance plus epsilon is not positive, or a number of it is not finite';
  }
  const shift = Float64Array.from(bias, (value, channel) => value - (mean[channel] ?? 0) * (factors[channel] ?? 0));
  return { scale: factors, shift };
}
