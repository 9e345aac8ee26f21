import * as assert from 'uvu/assert';
import { type ModelProto, TensorProto_DataType as DataType } from '../../src/onnx/generated/onnx_pb.ts';
import type { Kernel, PlannedNode } from '../../src/quantize/plan.ts';
import { type FusionProof, proveFusion } from '../../src/quantize/prove.ts';
import { describe } from '../describe.ts';
import { encode, floats, node, value } from '../onnx/build.ts';
import { withModel } from '../runtime/models.ts';
import { rejects } from '../throws.ts';
import { leavingNothing } from './leavingNothing.ts';
import { dynamicModel, gemmModel, residualModel } from './qdqModels.ts';
import { bias, qdqModel, qdqParts, roundTrip, SCALE, weight } from './qdq.ts';

function planned(name: string, kernel: Kernel, opType = name.split('_')[0] ?? ''): PlannedNode {
  return { name, opType, kernel, inputs: [], output: 'integer' };
}

async function prove(model: ModelProto, plan: readonly PlannedNode[]): Promise<FusionProof> {
  let proof: FusionProof | undefined;
  await withModel(encode(model), async (path) => {
    proof = await proveFusion(path, plan);
  });
  if (proof === undefined) {
    throw new Error('no proof was made');
  }
  return proof;
}

const RESIDUAL_PLAN = [
  planned('Conv_c1', 'QLinearConv'),
  planned('Relu_r1', 'dropped'),
  planned('MaxPool_pooled', 'dropped'),
  planned('Conv_c2', 'QLinearConv'),
  planned('Add_sum', 'QLinearAdd'),
  planned('GlobalAveragePool_mean', 'QLinearGlobalAveragePool'),
];

describe('proveFusion', (it) => {
  it('proves a residual network that is quantized whole', async () => {
    const proof = await prove(residualModel(), RESIDUAL_PLAN);
    assert.equal(proof, {
      proven: true,
      kernels: { QLinearConv: 2, QLinearAdd: 1, QLinearGlobalAveragePool: 1 },
      nodes: [
        { node: 'Conv_c1', kernel: 'QLinearConv' },
        { node: 'Conv_c2', kernel: 'QLinearConv' },
        { node: 'Add_sum', kernel: 'QLinearAdd' },
        { node: 'GlobalAveragePool_mean', kernel: 'QLinearGlobalAveragePool' },
      ],
      unfused: [],
    });
  });

  it('proves a linear layer that answers floats, and one that answers integers', async () => {
    for (const roundOutput of [false, true]) {
      const proof = await prove(gemmModel(roundOutput), [planned('Gemm_y', 'QGemm')]);
      const nodes = [{ node: 'Gemm_y', kernel: 'QGemm' }];
      assert.equal(proof, { proven: true, kernels: { QGemm: 1 }, nodes, unfused: [] });
    }
  });

  it('proves a linear layer that finds the range of its input itself', async () => {
    const proof = await prove(dynamicModel(), [planned('MatMulInteger_product', 'DynamicQuantizeMatMul', 'Gemm')]);
    assert.ok(proof.proven);
    assert.equal(proof.nodes, [{ node: 'MatMulInteger_product', kernel: 'DynamicQuantizeMatMul' }]);
  });

  it('says what the runtime made of a linear layer that it joined with a Relu', async () => {
    const joined = gemmModel(false);
    joined.graph?.node.push(node('Relu', ['y'], ['relu']), node('MatMul', ['relu', 'more'], ['z']));
    joined.graph?.initializer.push(floats('more', [32, 2]));
    joined.graph?.output.splice(0, 1, value('z', [4, 2]));
    const { unfused } = await prove(joined, [planned('Gemm_y', 'QGemm')]);
    assert.equal(unfused, [{ node: 'Gemm_y', reason: 'the runtime runs it as com.microsoft.FusedGemm' }]);
  });

  it('fails for a linear layer whose integer sums somebody else reads', async () => {
    const model = dynamicModel([node('Cast', ['product'], ['sums'], { to: DataType.FLOAT })], [value('sums', [4, 32])]);
    const proof = await prove(model, [planned('MatMulInteger_product', 'DynamicQuantizeMatMul', 'Gemm')]);
    assert.equal(proof.unfused, [{ node: 'MatMulInteger_product', reason: 'the runtime runs it as MatMulInteger' }]);
  });

  it('fails for weights that are quantized alone', async () => {
    const parts = qdqParts();
    parts.node.push(node('MatMul', ['x', weight(parts, 'w', [64, 32], 1)], ['y']));
    const model = qdqModel(parts, [value('x', [4, 64])], [value('y', [4, 32])]);
    const proof = await prove(model, [planned('MatMul_y', 'MatMulIntegerToFloat')]);
    assert.is(proof.proven, false);
    assert.is(proof.unfused.length, 1);
    assert.is(proof.unfused[0]?.node, 'MatMul_y');
    assert.match(proof.unfused[0]?.reason ?? '', /MatMulNBits .* only its weights are quantized/);
  });

  it('fails for a product that takes in a float bias behind it', async () => {
    const parts = qdqParts();
    const inputs = [roundTrip(parts, 'x'), weight(parts, 'w', [64, 32], 1)];
    parts.initializer.push(floats('b', [32]));
    parts.node.push(node('MatMul', inputs, ['product']), node('Add', ['product', 'b'], ['y']));
    const model = qdqModel(parts, [value('x', [1, 4, 64])], [value('y', [1, 4, 32])]);
    const proof = await prove(model, [planned('MatMul_product', 'MatMulIntegerToFloat')]);
    assert.is(proof.proven, false);
    assert.equal(proof.unfused, [
      {
        node: 'MatMul_product',
        reason: 'the runtime takes in the float bias that is added after it; the bias must be an int32 input of a Gemm',
      },
    ]);
  });

  it('fails for a bias that two convolutions share', async () => {
    const proof = await prove(residualModel({ shared: true }), RESIDUAL_PLAN);
    assert.is(proof.proven, false);
    assert.equal(proof.kernels, { QLinearConv: 1, QLinearAdd: 1, QLinearGlobalAveragePool: 1 });
    assert.is(proof.unfused[0]?.node, 'Conv_c2');
    assert.match(proof.unfused[0]?.reason ?? '', /scale of its bias .* 2 nodes share the bias, and each needs its own/);
  });

  it('fails for a bias of another scale than input and weights', async () => {
    const proof = await prove(residualModel({ second: SCALE * SCALE * 1.02 }), RESIDUAL_PLAN);
    assert.equal(
      proof.unfused.map((one) => one.node),
      ['Conv_c2'],
    );
    assert.match(
      proof.unfused[0]?.reason ?? '',
      /scale of its bias must be .*, received 0\.00398\d* instead of 0\.00390625 \(channel 0\)$/,
    );
  });

  it('fails for a convolution whose output is not rounded', async () => {
    const parts = qdqParts();
    const inputs = [roundTrip(parts, 'x'), weight(parts, 'w', [16, 8, 3, 3], 0), bias(parts, 'b', 16)];
    parts.node.push(node('Conv', inputs, ['y'], { pads: [1, 1, 1, 1] }));
    const model = qdqModel(parts, [value('x', [1, 8, 8, 8])], [value('y', [1, 16, 8, 8])]);
    const proof = await prove(model, [planned('Conv_y', 'QLinearConv')]);
    assert.equal(proof.unfused, [{ node: 'Conv_y', reason: 'its output is not quantized' }]);
  });

  it('fails for stored integers that are turned into floats, even when no plan names their reader', async () => {
    const parts = qdqParts();
    parts.node.push(node('Mul', ['x', weight(parts, 'w', [64], 0)], ['y']));
    const proof = await prove(qdqModel(parts, [value('x', [4, 64])], [value('y', [4, 64])]), []);
    assert.equal(proof.unfused, [
      { node: 'DequantizeLinear_w', reason: 'it turns the stored w_int into floats on every run' },
    ]);
  });

  it('fails for a pooling that was to hand on integers and is given floats', async () => {
    const parts = qdqParts();
    parts.node.push(node('MaxPool', ['x'], ['y'], { kernel_shape: [2, 2] }));
    const model = qdqModel(parts, [value('x', [1, 8, 8, 8])], [value('y', [1, 8, 7, 7])]);
    const proof = await prove(model, [planned('MaxPool_y', 'dropped')]);
    assert.equal(proof.unfused, [{ node: 'MaxPool_y', reason: 'it is given floats' }]);
  });

  it('fails for a planned node that the file does not have', async () => {
    const proof = await prove(gemmModel(false), [planned('Gemm_elsewhere', 'QGemm')]);
    assert.equal(proof.unfused, [{ node: 'Gemm_elsewhere', reason: 'the file has no node of this name' }]);
  });

  it('refuses a file that the runtime refuses, on one line, and leaves nothing behind', async () => {
    await withModel(new TextEncoder().encode('no model'), async (path) => {
      await leavingNothing(async () => {
        await rejects(() => proveFusion(path, []), /model\.onnx cannot be loaded: .*; export it again$/);
      });
    });
  });
});
