import { create } from '@bufbuild/protobuf';
import * as ort from 'onnxruntime-node';
import * as assert from 'uvu/assert';
import { buildConvNeXtV2 } from '../../src/onnx/architectures/convnextv2.ts';
import { buildResNet } from '../../src/onnx/architectures/resnet.ts';
import type { Weights } from '../../src/onnx/architectures/weights.ts';
import {
  ModelProtoSchema,
  TensorProto_DataType as DataType,
  type ModelProto,
  type ValueInfoProto,
} from '../../src/onnx/generated/onnx_pb.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { convNeXtV2Shapes, randomWeights, resNetShapes, uniform, zeroWeights } from './randomWeights.ts';

const RESNET_WIDTHS = [64, 128, 256, 512] as const;
const TINY_DEPTHS = [3, 3, 9, 3] as const;
const TINY_DIMS = [96, 192, 384, 768] as const;

const SMALL_WIDTHS = [2, 3, 4, 5] as const;
const SMALL_DEPTHS = [1, 1, 2, 1] as const;
const SMALL_DIMS = [4, 3, 5, 6] as const;

function resNet(depth: 18 | 50, weights: Weights, widths: typeof RESNET_WIDTHS | typeof SMALL_WIDTHS = SMALL_WIDTHS) {
  return buildResNet({ depth, widths, weights, inputSize: 64, classes: 2 });
}

function smallConvNeXt(weights: Weights, inputSize = 64) {
  return buildConvNeXtV2({ depths: SMALL_DEPTHS, dims: SMALL_DIMS, weights, inputSize, classes: 2 });
}

function smallModels(): ModelProto[] {
  return [
    resNet(18, randomWeights(resNetShapes(18, SMALL_WIDTHS, 2), 1)),
    resNet(50, randomWeights(resNetShapes(50, SMALL_WIDTHS, 2), 2)),
    smallConvNeXt(randomWeights(convNeXtV2Shapes(SMALL_DEPTHS, SMALL_DIMS, 2), 3)),
  ];
}

/** Of the weights: the constant epsilon of GRN is none. */
function parameterCount(model: ModelProto): number {
  const float: number = DataType.FLOAT;
  const floats = model.graph?.initializer.filter((tensor) => tensor.dataType === float) ?? [];
  return floats
    .filter((tensor) => tensor.dims.length > 0)
    .reduce((sum, tensor) => sum + tensor.dims.reduce((product, dim) => product * Number(dim), 1), 0);
}

/** Every convolution of a ResNet has a batch-norm, of which folding leaves one number per channel out of two. */
function foldedAway(model: ModelProto): number {
  const biases = model.graph?.initializer.filter(({ name }) => name.endsWith('.bias') && name !== 'fc.bias') ?? [];
  return biases.reduce((sum, tensor) => sum + Number(tensor.dims[0]), 0);
}

function operatorCounts(model: ModelProto): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { opType } of model.graph?.node ?? []) {
    counts[opType] = (counts[opType] ?? 0) + 1;
  }
  return counts;
}

function dimsOf(info: ValueInfoProto): number[] {
  const type = info.type?.value;
  const dims = type?.case === 'tensorType' ? (type.value.shape?.dim ?? []) : [];
  return dims.map((dim) => Number(dim.value.value));
}

describe('architectures', (it) => {
  it('gives ResNet18 the 11.18 M parameters of torchvision at 2 classes, less the folded batch-norm', () => {
    const model = resNet(18, zeroWeights(resNetShapes(18, RESNET_WIDTHS, 2)), RESNET_WIDTHS);
    assert.is(parameterCount(model), 11_172_738);
    assert.is(parameterCount(model) + foldedAway(model), 11_177_538);
  });

  it('gives ResNet50 the 23.51 M parameters of torchvision at 2 classes, less the folded batch-norm', () => {
    const model = resNet(50, zeroWeights(resNetShapes(50, RESNET_WIDTHS, 2)), RESNET_WIDTHS);
    assert.is(parameterCount(model), 23_485_570);
    assert.is(parameterCount(model) + foldedAway(model), 23_512_130);
  });

  it('gives ConvNeXt V2-Tiny its 27.87 M parameters at 2 classes', () => {
    const weights = zeroWeights(convNeXtV2Shapes(TINY_DEPTHS, TINY_DIMS, 2));
    const model = buildConvNeXtV2({ depths: TINY_DEPTHS, dims: TINY_DIMS, weights, inputSize: 128, classes: 2 });
    assert.is(parameterCount(model), 27_868_034);
  });

  it("uses exactly the operators that PyTorch's exporter uses for the ResNets", () => {
    const [resNet18, resNet50] = smallModels();
    const common = { MaxPool: 1, ReduceMean: 1, Reshape: 1, Gemm: 1 };
    assert.equal(operatorCounts(resNet18 ?? create(ModelProtoSchema)), { Conv: 20, Relu: 17, Add: 8, ...common });
    assert.equal(operatorCounts(resNet50 ?? create(ModelProtoSchema)), { Conv: 53, Relu: 49, Add: 16, ...common });
  });

  it("writes a ConvNeXt V2 block operator by operator as PyTorch's exporter does", () => {
    const weights = randomWeights(convNeXtV2Shapes(SMALL_DEPTHS, SMALL_DIMS, 2), 3);
    const operators = smallConvNeXt(weights).graph?.node.map((node) => node.opType) ?? [];
    const stem = ['Conv', 'Transpose', 'LayerNormalization', 'Transpose'];
    const linear = ['MatMul', 'Add'];
    const grn = ['ReduceL2', 'ReduceMean', 'Add', 'Div', 'Mul', 'Mul', 'Add', 'Add'];
    const mixing = ['Conv', 'Transpose', 'LayerNormalization', ...linear, 'Gelu', ...grn, ...linear];
    const block = [...mixing, 'Transpose', 'Add'];
    const downsample = ['Transpose', 'LayerNormalization', 'Transpose', 'Conv'];
    const end = ['ReduceMean', 'LayerNormalization', 'Gemm'];
    assert.equal(operators.slice(0, stem.length + block.length), [...stem, ...block]);
    assert.equal(operators, [
      ...stem,
      ...[block, downsample, block, downsample, block, block, downsample, block].flat(),
      ...end,
    ]);
  });

  it('strides in the 3x3 convolution of a bottleneck, not in the 1x1 before it', () => {
    const model = resNet(50, zeroWeights(resNetShapes(50, SMALL_WIDTHS, 2)));
    const strideOf = (weight: string) => {
      const node = model.graph?.node.find(({ input }) => input.includes(weight));
      return node?.attribute.find(({ name }) => name === 'strides')?.ints;
    };
    assert.equal(strideOf('layer2.0.conv1.weight'), [1n, 1n]);
    assert.equal(strideOf('layer2.0.conv2.weight'), [2n, 2n]);
  });

  it('states for every value the shape that the runtime computes', async () => {
    for (const model of smallModels()) {
      const graph = model.graph;
      const stated = [...(graph?.valueInfo ?? []), ...(graph?.output ?? [])];
      assert.is(stated.length, graph?.node.length);
      graph?.output.push(...graph.valueInfo.splice(0));
      const session = await ort.InferenceSession.create(encodeModel(model), { graphOptimizationLevel: 'disabled' });
      const random = uniform(4);
      const image = new ort.Tensor('float32', new Float32Array(3 * 64 * 64).map(random), [1, 3, 64, 64]);
      const results = await session.run({ input: image });
      for (const info of stated) {
        assert.equal([...(results[info.name]?.dims ?? [])], dimsOf(info), info.name);
      }
      await session.release();
    }
  });

  it('takes `input` [1, 3, size, size] and gives `logits` [1, classes], at opset 20', () => {
    for (const model of smallModels()) {
      assert.equal(
        model.graph?.input.map((info) => [info.name, dimsOf(info)]),
        [['input', [1, 3, 64, 64]]],
      );
      assert.equal(
        model.graph?.output.map((info) => [info.name, dimsOf(info)]),
        [['logits', [1, 2]]],
      );
      assert.equal(model.opsetImport[0]?.version, 20n);
      assert.is(model.producerName, 'beltbench');
    }
  });

  it('stores linear weights as [in, out] with every weight in its place', () => {
    const weights = randomWeights(convNeXtV2Shapes(SMALL_DEPTHS, SMALL_DIMS, 2), 3);
    const model = smallConvNeXt(weights);
    const stored = model.graph?.initializer.find(({ name }) => name === 'stages.1.0.pwconv1.weight.transposed');
    const original = weights.get('stages.1.0.pwconv1.weight');
    assert.equal(stored?.dims, [3n, 12n]);
    const bytes = stored?.rawData ?? new Uint8Array();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let out = 0; out < 12; out += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        assert.is(view.getFloat32(4 * (channel * 12 + out), true), original?.data[out * 3 + channel]);
      }
    }
  });

  it('names the tensor that is missing', async () => {
    const weights = new Map(zeroWeights(resNetShapes(18, SMALL_WIDTHS, 2)));
    weights.delete('layer3.0.downsample.bias');
    await rejects(() => resNet(18, weights), /layer3\.0\.downsample\.bias/);
  });

  it('names the tensor that nothing reads, such as a batch-norm not folded', async () => {
    const weights = new Map(zeroWeights(convNeXtV2Shapes(SMALL_DEPTHS, SMALL_DIMS, 2)));
    weights.set('stages.0.0.bn.weight', { dims: [4], data: new Float32Array(4) });
    await rejects(() => smallConvNeXt(weights), /stages\.0\.0\.bn\.weight/);
  });

  it('names the tensor whose shape does not fit, and both shapes', async () => {
    const weights = new Map(zeroWeights(convNeXtV2Shapes(SMALL_DEPTHS, SMALL_DIMS, 2)));
    weights.set('stages.0.0.grn.gamma', { dims: [1, 1, 1, 16], data: new Float32Array(16) });
    await rejects(() => smallConvNeXt(weights), /stages\.0\.0\.grn\.gamma.*\[16\].*\[1, 1, 1, 16\]/);
  });

  it('refuses a tensor with fewer values than its shape says', async () => {
    const weights = new Map(zeroWeights(resNetShapes(18, SMALL_WIDTHS, 2)));
    weights.set('fc.bias', { dims: [2], data: new Float32Array(1) });
    await rejects(() => resNet(18, weights), /fc\.bias.*1 values/);
  });

  it('refuses an input so small that a stage would have no pixel', async () => {
    const weights = zeroWeights(convNeXtV2Shapes(SMALL_DEPTHS, SMALL_DIMS, 2));
    await rejects(() => smallConvNeXt(weights, 16), /2x2 window does not fit into a 1x1 map/);
  });
});
