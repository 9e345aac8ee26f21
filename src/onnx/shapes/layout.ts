import { intAttribute, intsAttribute } from '../node.ts';
import { broadcast } from './elementwise.ts';
import {
  axisOf,
  type Dim,
  hasInput,
  knownNumbers,
  type NodeView,
  type ShapeRule,
  type ShapeRules,
  sizeOf,
  times,
} from './types.ts';

/** 0 keeps the input's size (unless `allowzero`), -1 takes what is left. */
const reshape: ShapeRule = (view) => {
  const x = view.shape(0);
  const wanted = intsAttribute(view.node, 'shape') ?? view.folded(1)?.values;
  if (wanted === undefined) {
    const length = view.shape(1)?.[0];
    return length === undefined || length > 32 ? [] : [Array.from({ length }, () => undefined)];
  }
  const keepsZero = intAttribute(view.node, 'allowzero') === 1;
  const sizes = wanted.map((size, axis) => (size === 0 && !keepsZero ? x?.[axis] : size));
  const rest = sizeOf(sizes.filter((size) => size !== -1));
  const total = x === undefined ? undefined : sizeOf(x);
  return [sizes.map((size) => (size === -1 ? quotient(total, rest) : size))];
};

function quotient(total: Dim, divisor: Dim): Dim {
  if (total === undefined || divisor === undefined || divisor === 0) {
    return undefined;
  }
  return Number.isInteger(total / divisor) ? total / divisor : undefined;
}

const transpose: ShapeRule = ({ node, shape }) => {
  const x = shape(0);
  const order = intsAttribute(node, 'perm');
  if (x === undefined) {
    return [];
  }
  return [order === undefined ? x.toReversed() : order.map((axis) => x[axis])];
};

const flatten: ShapeRule = ({ node, shape }) => {
  const x = shape(0);
  if (x === undefined) {
    return [];
  }
  const axis = intAttribute(node, 'axis') ?? 1;
  const split = axis < 0 ? axis + x.length : axis;
  return [[sizeOf(x.slice(0, split)), sizeOf(x.slice(split))]];
};

/** The axes an operator works on: an attribute in older operator sets, an input since. */
export function axesOf(view: NodeView, input: number): readonly number[] | undefined {
  return intsAttribute(view.node, 'axes') ?? knownNumbers(view, input);
}

const squeeze: ShapeRule = (view) => {
  const x = view.shape(0);
  const axes = axesOf(view, 1);
  if (x === undefined || (axes === undefined && (hasInput(view, 1) || x.includes(undefined)))) {
    return [];
  }
  const dropped = axes?.map((axis) => axisOf(axis, x.length));
  return [x.filter((size, axis) => (dropped === undefined ? size !== 1 : !dropped.includes(axis)))];
};

const unsqueeze: ShapeRule = (view) => {
  const x = view.shape(0);
  const axes = axesOf(view, 1);
  if (x === undefined || axes === undefined) {
    return [];
  }
  const rank = x.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(axis, rank)));
  const kept = x.values();
  return [Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : kept.next().value))];
};

const expand: ShapeRule = (view) => [broadcast([view.shape(0), view.folded(1)?.values])];

const tile: ShapeRule = (view) => {
  const repeats = view.folded(1)?.values;
  return [view.shape(0)?.map((size, axis) => times(size, repeats?.[axis]))];
};

/** Moves `blocksize`^2 channels into an image `blocksize` times as large on each side. */
const depthToSpace: ShapeRule = ({ node, shape }) => {
  const x = shape(0);
  const block = intAttribute(node, 'blocksize');
  return x?.length === 4 && block !== undefined
    ? [[x[0], quotient(x[1], block * block), times(x[2], block), times(x[3], block)]]
    : [];
};

const spaceToDepth: ShapeRule = ({ node, shape }) => {
  const x = shape(0);
  const block = intAttribute(node, 'blocksize');
  return x?.length === 4 && block !== undefined
    ? [[x[0], times(x[1], block * block), quotient(x[2], block), quotient(x[3], block)]]
    : [];
};

export const layoutRules: ShapeRules = {
  Reshape: reshape,
  Transpose: transpose,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Tile: tile,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
