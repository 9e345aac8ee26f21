import { BeltbenchError } from '../../shared/errors.ts';
import type { Float32Tensor, GraphBuilder, Value } from '../graph.ts';
import type { WeightReader } from './weights.ts';

/** What the layers write to and read from. */
export interface Network {
  readonly graph: GraphBuilder;
  readonly weights: WeightReader;
}

export interface Window {
  /** Side of the square kernel, in pixels. */
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

export interface ConvOptions extends Window {
  readonly outChannels: number;
  /** Every channel has a kernel of its own and is not mixed with the others. */
  readonly depthwise?: boolean;
}

/** Convolution with bias over [1, C, H, W]; reads `NAME.weight` and `NAME.bias`. */
export function conv({ graph, weights }: Network, name: string, x: Value, options: ConvOptions): Value {
  const { kernel, outChannels, depthwise = false } = options;
  const channels = x.dims[1] ?? 0;
  const weight = `${name}.weight`;
  const bias = `${name}.bias`;
  const dims = [outChannels, depthwise ? 1 : channels, kernel, kernel];
  return graph.node(
    'Conv',
    [
      x,
      graph.initializer(weight, weights.take(weight, dims)),
      graph.initializer(bias, weights.take(bias, [outChannels])),
    ],
    {
      dims: slide(x, outChannels, options),
      attributes: { group: { int: depthwise ? channels : 1 }, ...windowAttributes(options) },
    },
  );
}

/** Maximum over a sliding window of [1, C, H, W]. */
export function maxPool({ graph }: Network, x: Value, window: Window): Value {
  return graph.node('MaxPool', [x], {
    dims: slide(x, x.dims[1] ?? 0, window),
    attributes: { storage_order: { int: 0 }, ceil_mode: { int: 0 }, ...windowAttributes(window) },
  });
}

/** Mean over `axes`, an initialiser, with these dims left. */
export function mean(graph: GraphBuilder, x: Value, axes: Value, dims: readonly number[], keepDims: boolean): Value {
  return graph.node('ReduceMean', [x, axes], {
    dims,
    attributes: { noop_with_empty_axes: { int: 0 }, keepdims: { int: keepDims ? 1 : 0 } },
  });
}

/** The classifier: [1, C] to the graph's output `logits` [1, classes]; `NAME.weight` is [classes, C]. */
export function classify({ graph, weights }: Network, name: string, x: Value, classes: number): void {
  const weight = weights.take(`${name}.weight`, [classes, x.dims[1] ?? 0]);
  const bias = weights.take(`${name}.bias`, [classes]);
  const logits = graph.node(
    'Gemm',
    [x, graph.initializer(`${name}.weight`, weight), graph.initializer(`${name}.bias`, bias)],
    {
      dims: [1, classes],
      attributes: { beta: { float: 1 }, transB: { int: 1 }, alpha: { float: 1 }, transA: { int: 0 } },
      output: 'logits',
    },
  );
  graph.output(logits);
}

/** A [rows, columns] matrix as [columns, rows]. */
export function transpose({ dims: [rows = 0, columns = 0], data }: Float32Tensor): Float32Tensor {
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      turned[column * rows + row] = data[row * columns + column] ?? Number.NaN;
    }
  }
  return { dims: [columns, rows], data: turned };
}

function windowAttributes({ kernel, stride, padding }: Window) {
  return {
    pads: { ints: [padding, padding, padding, padding] },
    auto_pad: { text: 'NOTSET' },
    strides: { ints: [stride, stride] },
    dilations: { ints: [1, 1] },
    kernel_shape: { ints: [kernel, kernel] },
  };
}

function slide(x: Value, outChannels: number, { kernel, stride, padding }: Window): number[] {
  const [, , height = 0, width = 0] = x.dims;
  const sizes = [height, width].map((size) => Math.floor((size + 2 * padding - kernel) / stride) + 1);
  if (sizes.some((size) => size < 1)) {
    throw new BeltbenchError(
      'bad_usage',
      `the input is too small for the network: a ${kernel}x${kernel} window does not fit into a ${height}x${width} map; take a larger input size`,
    );
  }
  return [1, outChannels, ...sizes];
}
