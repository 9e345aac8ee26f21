import { intAttribute } from '../node.ts';
import { elementwiseRules } from './elementwise.ts';
import { constantDims, foldNode } from './fold.ts';
import { layoutRules } from './layout.ts';
import { productRules } from './products.ts';
import { reduceRules } from './reduce.ts';
import { selectRules } from './select.ts';
import type { ShapeRule, ShapeRules } from './types.ts';
import { windowRules } from './windows.ts';

const shapeOfShape: ShapeRule = ({ node, shape }) => {
  const x = shape(0);
  return x === undefined
    ? []
    : [[x.slice(intAttribute(node, 'start') ?? 0, intAttribute(node, 'end') ?? x.length).length]];
};

/** The operators that make values out of shapes and constants. */
const sourceRules: ShapeRules = {
  Constant: ({ node }) => [constantDims(node)],
  ConstantOfShape: ({ folded }) => [folded(0)?.values],
  Shape: shapeOfShape,
  Size: () => [[]],
  Range: (view) => [[foldNode(view)?.values.length]],
};

const rules: ReadonlyMap<string, ShapeRule> = new Map(
  Object.entries({
    ...elementwiseRules,
    ...windowRules,
    ...productRules,
    ...layoutRules,
    ...selectRules,
    ...reduceRules,
    ...sourceRules,
  }),
);

/** The rule for the operator `op` (an `opKey`); `undefined` for operators the audit does not know. */
export function shapeRuleOf(op: string): ShapeRule | undefined {
  return rules.get(op);
}
