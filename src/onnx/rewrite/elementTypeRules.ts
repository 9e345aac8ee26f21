import { type NodeProto, TensorProto_DataType as DataType } from '../generated/onnx_pb.ts';
import { intAttribute, opKey, tensorAttribute } from '../node.ts';

/** Operators of ONNX's own domain whose first output has the element type of their first input. */
const SAME_TYPE = new Set(
  `
  Abs Add AveragePool BatchNormalization Ceil Clip Concat Conv ConvTranspose CumSum DepthToSpace Div Dropout Elu
  Erf Exp Expand Flatten Floor Gather GatherElements Gelu Gemm GlobalAveragePool GlobalMaxPool GroupNormalization
  HardSigmoid HardSwish Identity InstanceNormalization LayerNormalization LeakyRelu Log LogSoftmax MatMul Max
  MaxPool Mean Min Mish Mul Neg PRelu Pad Pow Range Reciprocal ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin
  ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize Round Sigmoid Slice Softmax SpaceToDepth Split Sqrt
  Squeeze Sub Sum Tanh Tile Transpose Unsqueeze
`
    .trim()
    .split(/\s+/),
);

const INTEGERS = new Set(['Shape', 'Size', 'ArgMax', 'ArgMin', 'NonZero']);

const TRUTHS = new Set([
  'And',
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'IsInf',
  'IsNaN',
  'Less',
  'LessOrEqual',
  'Not',
  'Or',
  'Xor',
]);

/** The element type of a node's first output, given those of its inputs; `undefined` when this table cannot tell. */
export function elementTypeOfOutput(
  node: NodeProto,
  inputType: (index: number) => number | undefined,
): number | undefined {
  const op = opKey(node);
  if (SAME_TYPE.has(op)) {
    return inputType(0);
  }
  if (INTEGERS.has(op)) {
    return DataType.INT64;
  }
  if (TRUTHS.has(op)) {
    return DataType.BOOL;
  }
  switch (op) {
    case 'Cast':
      return intAttribute(node, 'to');
    case 'CastLike':
    case 'Where':
      return inputType(1);
    case 'Constant':
      return constantType(node);
    case 'ConstantOfShape':
      return tensorAttribute(node, 'value')?.dataType ?? DataType.FLOAT;
    default:
      return undefined;
  }
}

function constantType(node: NodeProto): number | undefined {
  const has = (...names: readonly string[]): boolean => node.attribute.some(({ name }) => names.includes(name));
  if (has('value_int', 'value_ints')) {
    return DataType.INT64;
  }
  return has('value_float', 'value_floats') ? DataType.FLOAT : tensorAttribute(node, 'value')?.dataType;
}
