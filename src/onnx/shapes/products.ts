import { intAttribute } from '../node.ts';
import { broadcast } from './elementwise.ts';
import type { NodeView, Shape, ShapeRule, ShapeRules } from './types.ts';

/** The operators that multiply matrices, and which inputs are the two matrices. */
const MATRIX_INPUTS: ReadonlyMap<string, readonly [a: number, b: number]> = new Map([
  ['MatMul', [0, 1]],
  ['MatMulInteger', [0, 1]],
  ['QLinearMatMul', [0, 3]],
  ['Gemm', [0, 1]],
  ['com.microsoft.DynamicQuantizeMatMul', [0, 1]],
  ['com.microsoft.FusedGemm', [0, 1]],
  ['com.microsoft.FusedMatMul', [0, 1]],
  ['com.microsoft.MatMulIntegerToFloat', [0, 1]],
  ['com.microsoft.QGemm', [0, 3]],
]);

/** The two factors of a matrix product as [..., M, K] and [..., K, N], transpositions applied. */
export interface Factors {
  readonly a: Shape;
  readonly b: Shape;
}

/** The factors of the matrix product `op`; `undefined` when it is none or a shape is unknown. */
export function factorsOf(view: NodeView, op: string): Factors | undefined {
  const inputs = MATRIX_INPUTS.get(op);
  if (inputs === undefined) {
    return undefined;
  }
  const [a, b] = inputs.map((input) => view.shape(input));
  const isSet = (name: string): boolean => intAttribute(view.node, name) === 1;
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) {
    return undefined;
  }
  if (isSet('transBatchA') || isSet('transBatchB')) {
    return undefined;
  }
  // A vector counts as one row in front and as one column behind.
  const rows = a.length === 1 ? [1, ...a] : a;
  const columns = b.length === 1 ? [...b, 1] : b;
  return {
    a: isSet('transA') ? lastTwoSwapped(rows) : rows,
    b: isSet('transB') ? lastTwoSwapped(columns) : columns,
  };
}

/** Whether `op` multiplies matrices. */
export function isMatrixProduct(op: string): boolean {
  return MATRIX_INPUTS.has(op);
}

function lastTwoSwapped(shape: Shape): Shape {
  return [...shape.slice(0, -2), shape.at(-1), shape.at(-2)];
}

function product(op: string, [aInput, bInput]: readonly [number, number]): ShapeRule {
  return (view) => {
    const factors = factorsOf(view, op);
    if (factors === undefined) {
      return [];
    }
    const { a, b } = factors;
    const stacked = broadcast([a.slice(0, -2), b.slice(0, -2)]) ?? [];
    // The axis that was added to a vector does not show in the output.
    const rows = view.shape(aInput)?.length === 1 ? [] : [a.at(-2)];
    const columns = view.shape(bInput)?.length === 1 ? [] : [b.at(-1)];
    return [[...stacked, ...rows, ...columns]];
  };
}

/** Weights packed in blocks of 4 or 8 bits; an attribute says how many columns they make. */
const matMulNBits: ShapeRule = ({ node, shape }) => {
  const a = shape(0);
  return a === undefined ? [] : [[...a.slice(0, -1), intAttribute(node, 'N')]];
};

export const productRules: ShapeRules = {
  ...Object.fromEntries([...MATRIX_INPUTS].map(([op, inputs]) => [op, product(op, inputs)])),
  'com.microsoft.MatMulNBits': matMulNBits,
};
