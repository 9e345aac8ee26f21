import type { NodeProto } from '../generated/onnx_pb.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../node.ts';
import type { Dim, NodeView, Shape, ShapeRule, ShapeRules } from './types.ts';

/** A convolution's output: batch, channels out, one size per window position along each axis. */
function convolution(weightInput: number): ShapeRule {
  return (view) => {
    const x = view.shape(0);
    const weight = view.shape(weightInput);
    if (x === undefined || weight === undefined || x.length < 3 || weight.length !== x.length) {
      return [];
    }
    const image = imageOf(view.node, x);
    const kernel = intsAttribute(view.node, 'kernel_shape') ?? weight.slice(2);
    return [image.rebuild(weight[0], slide(view.node, image.spatial, kernel))];
  };
}

const convTranspose: ShapeRule = (view) => {
  const x = view.shape(0);
  const weight = view.shape(1);
  if (x === undefined || weight === undefined || x.length < 3 || weight.length !== x.length) {
    return [];
  }
  const group = intAttribute(view.node, 'group') ?? 1;
  const channels = weight[1] === undefined ? undefined : weight[1] * group;
  return [[x[0], channels, ...transposedSizes(view, x.slice(2), weight.slice(2))]];
};

function transposedSizes({ node }: NodeView, spatial: Shape, kernel: Shape): Shape {
  const wanted = intsAttribute(node, 'output_shape');
  const window = windowOf(node, spatial.length);
  const extra = intsAttribute(node, 'output_padding') ?? [];
  return spatial.map((size, axis) => {
    const { stride, dilation, before, after } = window(axis);
    const width = kernel[axis];
    if (wanted !== undefined) {
      return wanted.at(axis - spatial.length);
    }
    if (size === undefined || width === undefined) {
      return undefined;
    }
    return stringAttribute(node, 'auto_pad')?.startsWith('SAME') === true
      ? size * stride
      : positive(stride * (size - 1) + (extra[axis] ?? 0) + dilation * (width - 1) + 1 - before - after);
  });
}

/** A pooling's outputs (values and, for MaxPool, their indices): channels stay. */
const pool: ShapeRule = ({ node, shape }) => {
  const x = shape(0);
  const kernel = intsAttribute(node, 'kernel_shape');
  if (x === undefined || kernel === undefined || x.length !== kernel.length + 2) {
    return [];
  }
  const image = imageOf(node, x);
  const pooled = image.rebuild(image.channels, slide(node, image.spatial, kernel));
  return [pooled, pooled];
};

const globalPool: ShapeRule = ({ node, shape }) => {
  const x = shape(0);
  if (x === undefined || x.length < 3) {
    return [];
  }
  const image = imageOf(node, x);
  return [
    image.rebuild(
      image.channels,
      image.spatial.map(() => 1),
    ),
  ];
};

export const windowRules: ShapeRules = {
  Conv: convolution(1),
  ConvInteger: convolution(1),
  'com.microsoft.FusedConv': convolution(1),
  QLinearConv: convolution(3),
  'com.microsoft.QLinearConv': convolution(3),
  ConvTranspose: convTranspose,
  AveragePool: pool,
  LpPool: pool,
  MaxPool: pool,
  'com.microsoft.NhwcMaxPool': pool,
  'com.microsoft.QLinearAveragePool': pool,
  GlobalAveragePool: globalPool,
  GlobalLpPool: globalPool,
  GlobalMaxPool: globalPool,
  'com.microsoft.QLinearGlobalAveragePool': globalPool,
};

/** The parts of an image's shape, wherever its channels stand. */
interface Image {
  readonly channels: Dim;
  readonly spatial: Shape;
  readonly rebuild: (channels: Dim, spatial: Shape) => Shape;
}

function imageOf(node: NodeProto, x: Shape): Image {
  const channelsLast = intAttribute(node, 'channels_last') === 1 || node.opType === 'NhwcMaxPool';
  return channelsLast
    ? { channels: x.at(-1), spatial: x.slice(1, -1), rebuild: (channels, spatial) => [x[0], ...spatial, channels] }
    : { channels: x[1], spatial: x.slice(2), rebuild: (channels, spatial) => [x[0], channels, ...spatial] };
}

interface Window {
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

function windowOf(node: NodeProto, axes: number): (axis: number) => Window {
  const strides = intsAttribute(node, 'strides') ?? [];
  const dilations = intsAttribute(node, 'dilations') ?? [];
  const pads = intsAttribute(node, 'pads') ?? [];
  return (axis) => ({
    stride: strides[axis] ?? 1,
    dilation: dilations[axis] ?? 1,
    before: pads[axis] ?? 0,
    after: pads[axis + axes] ?? 0,
  });
}

/** How many positions the node's window takes along each axis. */
function slide(node: NodeProto, spatial: Shape, kernel: Shape): Shape {
  const window = windowOf(node, spatial.length);
  const autoPad = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  const ceil = intAttribute(node, 'ceil_mode') === 1;
  return spatial.map((size, axis) => {
    const width = kernel[axis];
    const { stride, dilation, before, after } = window(axis);
    if (size === undefined || width === undefined || stride < 1) {
      return undefined;
    }
    if (autoPad.startsWith('SAME')) {
      return Math.ceil(size / stride);
    }
    const padded = autoPad === 'VALID' ? size : size + before + after;
    const steps = (padded - (dilation * (width - 1) + 1)) / stride;
    const positions = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // Rounding up never starts a window behind the image, in the padding that follows it.
    const beyond = ceil && (positions - 1) * stride >= size + (autoPad === 'VALID' ? 0 : before);
    return positive(beyond ? positions - 1 : positions);
  });
}

/** Sizes below 1 only come of attributes that contradict the input. */
function positive(size: number): Dim {
  return size >= 1 ? size : undefined;
}
