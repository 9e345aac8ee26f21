import { floatsAttribute, intAttribute, intsAttribute, stringAttribute } from '../node.ts';
import { axesOf } from './layout.ts';
import {
  axisOf,
  type Dim,
  hasInput,
  knownNumbers,
  type NodeView,
  type Shape,
  type ShapeRule,
  type ShapeRules,
  times,
} from './types.ts';

/** Joins the inputs that `isPart` picks by their position. */
function concat(isPart: (index: number) => boolean): ShapeRule {
  return ({ node, shape }) => {
    const parts = [...node.input.keys()].filter(isPart).map((index) => shape(index));
    const first = parts[0];
    const axis = first === undefined ? undefined : axisOf(intAttribute(node, 'axis') ?? 1, first.length);
    if (first === undefined || axis === undefined) {
      return [];
    }
    const total = parts.reduce((sum: Dim, part) => plus(sum, part?.[axis]), 0);
    return [first.with(axis, total)];
  };
}

function plus(a: Dim, b: Dim): Dim {
  return a === undefined || b === undefined ? undefined : a + b;
}

const split: ShapeRule = (view) => {
  const { node } = view;
  const x = view.shape(0);
  const axis = x === undefined ? undefined : axisOf(intAttribute(node, 'axis') ?? 0, x.length);
  if (x === undefined || axis === undefined) {
    return [];
  }
  const size = x[axis];
  const sizes = intsAttribute(node, 'split') ?? view.folded(1)?.values;
  const share = size === undefined || hasInput(view, 1) ? undefined : Math.ceil(size / node.output.length);
  const last = share === undefined || size === undefined ? undefined : size - share * (node.output.length - 1);
  return node.output.map((_, index) =>
    x.with(axis, sizes === undefined ? (index === node.output.length - 1 ? last : share) : sizes[index]),
  );
};

interface Cut {
  readonly start: Dim;
  readonly end: Dim;
  readonly step: Dim;
}

/** What Slice takes along each axis it names, whichever way its operator set writes it down. */
export function cutsOf(view: NodeView, rank: number): ReadonlyMap<number, Cut> | undefined {
  const starts = intsAttribute(view.node, 'starts') ?? view.folded(1)?.values;
  const ends = intsAttribute(view.node, 'ends') ?? view.folded(2)?.values;
  const steps = view.folded(4)?.values;
  if (starts === undefined || ends === undefined || (steps === undefined && hasInput(view, 4))) {
    return undefined;
  }
  const named = axesOf(view, 3);
  if (named === undefined && hasInput(view, 3)) {
    return undefined;
  }
  const axes = named ?? [...starts.keys()];
  const cuts = new Map<number, Cut>();
  for (const [index, axis] of axes.entries()) {
    const along = axisOf(axis, rank);
    if (along !== undefined) {
      cuts.set(along, { start: starts[index], end: ends[index], step: steps === undefined ? 1 : steps[index] });
    }
  }
  return cuts;
}

/** The indices `cut` takes of an axis of `size`; `undefined` when it or the axis is not known. */
export function indicesOf(
  { start, end, step }: Cut,
  size: Dim,
): { from: number; step: number; count: number } | undefined {
  if (size === undefined || start === undefined || end === undefined || step === undefined || step === 0) {
    return undefined;
  }
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const clamp = (index: number): number => Math.min(Math.max(index < 0 ? index + size : index, low), high);
  const from = step > 0 ? clamp(start) : Math.max(clamp(start), 0);
  const count = Math.max(0, Math.ceil((clamp(end) - from) / step));
  return { from, step, count };
}

const slice: ShapeRule = (view) => {
  const x = view.shape(0);
  const cuts = x === undefined ? undefined : cutsOf(view, x.length);
  return [
    x?.map((size, axis) => {
      const cut = cuts?.get(axis);
      if (cut === undefined) {
        return cuts === undefined ? undefined : size;
      }
      return indicesOf(cut, size)?.count;
    }),
  ];
};

const gather: ShapeRule = ({ node, shape }) => {
  const x = shape(0);
  const indices = shape(1);
  const axis = x === undefined ? undefined : axisOf(intAttribute(node, 'axis') ?? 0, x.length);
  if (x === undefined || indices === undefined || axis === undefined) {
    return [];
  }
  return [[...x.slice(0, axis), ...indices, ...x.slice(axis + 1)]];
};

const pad: ShapeRule = (view) => {
  const x = view.shape(0);
  const pads = intsAttribute(view.node, 'pads') ?? view.folded(1)?.values;
  const named = knownNumbers(view, 3);
  if (x === undefined || (named === undefined && hasInput(view, 3))) {
    return [x?.map(() => undefined)];
  }
  const axes = named?.map((axis) => axisOf(axis, x.length)) ?? [...x.keys()];
  return [
    x.map((size, axis) => {
      const at = axes.indexOf(axis);
      return at < 0 ? size : plus(size, plus(pads?.[at], pads?.[at + axes.length]));
    }),
  ];
};

/** Sizes when they are given, else scales, rounded down; one number per axis or per named axis. */
const resize: ShapeRule = (view) => {
  const { node, opset } = view;
  const x = view.shape(0);
  const sizes = view.folded(3)?.values;
  const scales =
    floatsAttribute(node, 'scales') ?? view.folded(opset < 11 || node.opType === 'Upsample' ? 1 : 2)?.values;
  const policy = stringAttribute(node, 'keep_aspect_ratio_policy') ?? 'stretch';
  if (x === undefined || policy !== 'stretch') {
    return [x?.map(() => undefined)];
  }
  const axes = intsAttribute(node, 'axes')?.map((axis) => axisOf(axis, x.length)) ?? [...x.keys()];
  return [x.map((size, axis) => (axes.includes(axis) ? resized(size, axes.indexOf(axis), sizes, scales) : size))];
};

function resized(size: Dim, at: number, sizes: Shape | undefined, scales: Shape | undefined): Dim {
  if (sizes !== undefined && sizes.length > 0) {
    return sizes[at];
  }
  const scaled = times(size, scales?.[at]);
  return scaled === undefined ? undefined : Math.floor(scaled);
}

export const selectRules: ShapeRules = {
  Concat: concat(() => true),
  // The output's scale and zero point, then each part with its own.
  'com.microsoft.QLinearConcat': concat((index) => index % 3 === 2),
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: (view) => [view.shape(1)],
  Pad: pad,
  Resize: resize,
  Upsample: resize,
};
