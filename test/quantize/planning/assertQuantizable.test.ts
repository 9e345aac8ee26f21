import * as assert from 'uvu/assert';
import { type ModelProto, TensorProto_DataType as DataType } from '../../../src/onnx/generated/onnx_pb.ts';
import { assertQuantizable } from '../../../src/quantize/planning/assertQuantizable.ts';
import { describe } from '../../describe.ts';
import { floats, int8s, linearModel, model, node, tensor, value } from '../../onnx/build.ts';
import { rejects } from '../../throws.ts';
import { quantizeSmall } from '../quantizeSmall.ts';
import { perceptron, residualNet } from '../smallModels.ts';

async function refused(float: ModelProto, pattern: RegExp): Promise<void> {
  await rejects(() => {
    assertQuantizable('m.onnx', float);
  }, pattern);
}

/** A model of one node of `opType`. */
function only(opType: string, domain = ''): ModelProto {
  return model({
    input: [value('x', [1, 4])],
    output: [value('y', [1, 4])],
    node: [node(opType, ['x', 'w'], ['y'], {}, domain)],
    initializer: [int8s('w', [4, 4])],
  });
}

function ofOpset(version: bigint): ModelProto {
  const float = linearModel();
  float.opsetImport.forEach((entry) => Object.assign(entry, { version }));
  return float;
}

describe('assertQuantizable', (it) => {
  it('accepts float32 models with one input', () => {
    assertQuantizable('m.onnx', linearModel());
    assertQuantizable('m.onnx', residualNet());
  });

  it('accepts the stored inputs of old files, which are no inputs', () => {
    const old = linearModel();
    old.graph?.input.push(value('w', [4, 2]));
    assertQuantizable('m.onnx', old);
  });

  it('refuses what it made itself', async () => {
    for (const linears of ['static', 'dynamic'] as const) {
      const { model: made } = await quantizeSmall(perceptron(), { linears });
      await refused(
        made,
        /^m\.onnx: is quantized already \(it has a (Dynamic)?QuantizeLinear\): name the float32 model/,
      );
    }
  });

  it('refuses every form of a quantized model', async () => {
    for (const op of ['DequantizeLinear', 'QLinearConv', 'QLinearMatMul', 'MatMulInteger', 'ConvInteger']) {
      await refused(only(op), /is quantized already/);
    }
    for (const op of ['QLinearAdd', 'QGemm', 'MatMulNBits', 'MatMulIntegerToFloat', 'DynamicQuantizeMatMul']) {
      await refused(only(op, 'com.microsoft'), /is quantized already/);
    }
  });

  it('refuses an opset without scales per channel', async () => {
    await refused(ofOpset(12n), /INT8 needs opset 13 or newer, received 12/);
    assertQuantizable('m.onnx', ofOpset(13n));
  });

  it('refuses weights of 16 bits, wherever they stand', async () => {
    const half = tensor('w', [4, 2], { dataType: DataType.FLOAT16, rawData: new Uint8Array(16) });
    await refused(linearModel(half), /received float16 \("w"\): export it again in float32/);
    const constant = linearModel(floats('unused', [1]));
    constant.graph?.node.unshift(node('Constant', [], ['w'], { value: { ...half, dataType: DataType.BFLOAT16 } }));
    await refused(constant, /received bfloat16/);
  });

  it('refuses several inputs, and none', async () => {
    const two = linearModel();
    two.graph?.input.push(value('mask', [1, 4]));
    await refused(two, /received 2 inputs \("x", "mask"\)/);
    two.graph?.input.splice(0);
    await refused(two, /received 0 inputs/);
  });

  it('refuses a model without a layer that has weights', async () => {
    await refused(only('Add'), /has nothing to quantize: no convolution \(Conv\) and no linear layer/);
    assert.throws(() => {
      assertQuantizable('m.onnx', only('Conv', 'org.other'));
    });
  });
});
