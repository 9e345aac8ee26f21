import { badModel, quoted } from '../../onnx/badModel.ts';
import { elementTypeOf } from '../../onnx/elementTypes.ts';
import { type ModelProto, type TensorProto, TensorProto_DataType as DataType } from '../../onnx/generated/onnx_pb.ts';
import { opKey, tensorAttribute } from '../../onnx/node.ts';
import { opsetOf } from '../../onnx/rewrite/opset.ts';
import { MULTIPLIERS } from './multipliers.ts';

/** Scales along an axis of QuantizeLinear and DequantizeLinear begin here. */
const OLDEST_OPSET = 13;

/** Operators, as `opKey` names them, that only a quantized model has. */
const QUANTIZED = new RegExp(
  String.raw`^(?:com\.microsoft\.)?(?:(?:DynamicQ|Deq|Q)uantizeLinear|Q(?:Linear|Gemm|Attention|MoE)\w*|MatMulInteger\w*|ConvInteger\w*|MatMulNBits|Dynamic(?:Quantize|Q)\w+|GatherBlockQuantized)$`,
);

const HALF_FLOATS: ReadonlySet<number> = new Set([DataType.FLOAT16, DataType.BFLOAT16]);

/**
 * Refuses, before anything is rewritten, what cannot become an INT8 file.
 *
 * @param path stands in the messages only
 * @throws BeltbenchError `bad_model` for a model that is quantized already, has an opset below 13,
 *   weights of 16 bits, no or several inputs, or no convolution and linear layer
 */
export function assertQuantizable(path: string, model: ModelProto): void {
  const nodes = model.graph?.node ?? [];
  const quantized = nodes.find((node) => QUANTIZED.test(opKey(node)));
  if (quantized !== undefined) {
    throw badModel(
      path,
      `is quantized already (it has a ${opKey(quantized)}): name the float32 model that it was made from`,
    );
  }
  const opset = opsetOf(model);
  if (opset < OLDEST_OPSET) {
    throw badModel(path, `INT8 needs opset ${OLDEST_OPSET} or newer, received ${opset}: export it again with opset 17`);
  }
  const half = weightsOf(model).find(({ dataType }) => HALF_FLOATS.has(dataType));
  if (half !== undefined) {
    throw badModel(
      path,
      `INT8 is made from float32 weights, received ${elementTypeOf(half.dataType)?.name ?? 'others'} (${quoted(half.name)}): export it again in float32`,
    );
  }
  const stored = new Set(model.graph?.initializer.map(({ name }) => name));
  const inputs = (model.graph?.input ?? []).filter(({ name }) => !stored.has(name));
  if (inputs.length !== 1) {
    throw badModel(
      path,
      `calibration runs images through the model's one input, received ${inputs.length} inputs (${inputs.map(({ name }) => quoted(name)).join(', ')}): export it with the image as its only input`,
    );
  }
  if (!nodes.some((node) => MULTIPLIERS.some((op) => op === opKey(node)))) {
    throw badModel(
      path,
      'has nothing to quantize: no convolution (Conv) and no linear layer (Gemm, MatMul); name a classifier',
    );
  }
}

function weightsOf({ graph }: ModelProto): readonly TensorProto[] {
  const constants = (graph?.node ?? []).filter(({ opType }) => opType === 'Constant');
  return [
    ...(graph?.initializer ?? []),
    ...constants.map((node) => tensorAttribute(node, 'value')).filter((tensor) => tensor !== undefined),
  ];
}
