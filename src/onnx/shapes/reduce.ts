import { intAttribute } from '../node.ts';
import { axesOf } from './layout.ts';
import { axisOf, hasInput, knownNumbers, type Shape, type ShapeRule, type ShapeRules } from './types.ts';

const REDUCTIONS = `
  ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
  ReduceSumSquare
`
  .trim()
  .split(/\s+/);

const reduction: ShapeRule = (view) => {
  const x = view.shape(0);
  const axes = axesOf(view, 1);
  if (x === undefined) {
    return [];
  }
  const keeps = intAttribute(view.node, 'keepdims') !== 0;
  if (axes === undefined && hasInput(view, 1)) {
    return [keeps ? x.map(() => undefined) : undefined];
  }
  if ((axes ?? []).length === 0) {
    return [intAttribute(view.node, 'noop_with_empty_axes') === 1 ? x : reduced(x, [...x.keys()], keeps)];
  }
  return [reduced(x, axes ?? [], keeps)];
};

function reduced(x: Shape, axes: readonly number[], keeps: boolean): Shape {
  const gone = new Set(axes.map((axis) => axisOf(axis, x.length)));
  return keeps ? x.map((size, axis) => (gone.has(axis) ? 1 : size)) : x.filter((_, axis) => !gone.has(axis));
}

const argReduction: ShapeRule = ({ node, shape }) => {
  const x = shape(0);
  return [
    x === undefined ? undefined : reduced(x, [intAttribute(node, 'axis') ?? 0], intAttribute(node, 'keepdims') !== 0),
  ];
};

const topK: ShapeRule = (view) => {
  const x = view.shape(0);
  const axis = x === undefined ? undefined : axisOf(intAttribute(view.node, 'axis') ?? -1, x.length);
  if (x === undefined || axis === undefined) {
    return [];
  }
  const kept = x.with(axis, intAttribute(view.node, 'k') ?? knownNumbers(view, 1)?.[0]);
  return [kept, kept];
};

export const reduceRules: ShapeRules = {
  ...Object.fromEntries(REDUCTIONS.map((op) => [op, reduction])),
  ArgMax: argReduction,
  ArgMin: argReduction,
  TopK: topK,
};
