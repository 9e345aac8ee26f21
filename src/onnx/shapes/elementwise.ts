import type { Dim, NodeView, Shape, ShapeRule, ShapeRules } from './types.ts';

/** Operators whose first output has the shape of their first input. */
const SAME_SHAPE = `
  Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Cast CastLike Ceil Celu Clip Cos Cosh CumSum DequantizeLinear
  Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish Hardmax Identity IsInf IsNaN LeakyRelu Log LogSoftmax
  Mish Neg Not QuantizeLinear Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign
  Sqrt Swish Tan Tanh ThresholdedRelu Trilu BatchNormalization GroupNormalization InstanceNormalization LRN
  LayerNormalization LpNormalization MeanVarianceNormalization RMSNormalization SimplifiedLayerNormalization
  com.microsoft.BiasGelu com.microsoft.DequantizeLinear com.microsoft.FastGelu com.microsoft.Gelu
  com.microsoft.QLinearLeakyRelu com.microsoft.QLinearSigmoid com.microsoft.QLinearSoftmax
  com.microsoft.QuantizeLinear com.microsoft.QuickGelu com.microsoft.SkipLayerNormalization
`
  .trim()
  .split(/\s+/);

/** Operators whose output is as large as all their inputs stretched to fit each other. */
const BROADCAST = `
  Add And BitShift BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean
  Min Mod Mul Or PRelu Pow Sub Sum Where Xor
`
  .trim()
  .split(/\s+/);

const sameShape: ShapeRule = (view) => [view.shape(0)];

const broadcastAll: ShapeRule = (view) => [broadcast(view.node.input.map((_, index) => view.shape(index)))];

function broadcastOf(...inputs: readonly number[]): ShapeRule {
  return (view) => [broadcast(inputs.map((index) => view.shape(index)))];
}

/** The quantised input, and a scale and zero point which are scalars. */
const dynamicQuantize: ShapeRule = (view: NodeView) => [view.shape(0), [], []];

export const elementwiseRules: ShapeRules = {
  ...Object.fromEntries(SAME_SHAPE.map((op) => [op, sameShape])),
  ...Object.fromEntries(BROADCAST.map((op) => [op, broadcastAll])),
  'com.microsoft.QLinearAdd': broadcastOf(0, 3),
  'com.microsoft.QLinearMul': broadcastOf(0, 3),
  'com.microsoft.QLinearWhere': broadcastOf(0, 1, 4),
  DynamicQuantizeLinear: dynamicQuantize,
};

/** The shape that values of all `shapes` broadcast to, NumPy's rule; unknown when one is unknown. */
export function broadcast(shapes: readonly (Shape | undefined)[]): Shape | undefined {
  const known = shapes.filter((shape) => shape !== undefined);
  if (known.length < shapes.length || known.length === 0) {
    return undefined;
  }
  const rank = known.reduce((most, shape) => Math.max(most, shape.length), 0);
  return Array.from({ length: rank }, (_, axis) =>
    stretch(known.filter((shape) => axis >= rank - shape.length).map((shape) => shape[axis - rank + shape.length])),
  );
}

/** A size above 1 decides, even beside unknown sizes, which must then be it or 1. */
function stretch(sizes: readonly Dim[]): Dim {
  const decided = sizes.find((size) => size !== undefined && size !== 1);
  return decided ?? (sizes.includes(undefined) ? undefined : 1);
}
