import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import * as assert from 'uvu/assert';
import { auditModel } from '../../src/onnx/audit.ts';
import {
  FunctionProtoSchema,
  type ModelProto,
  type NodeProto,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
} from '../../src/onnx/generated/onnx_pb.ts';
import { type ModelAudit, modelAuditSchema } from '../../src/records/model.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import {
  encode,
  floats,
  graph,
  int64s,
  int8s,
  linearModel,
  model,
  node,
  rawBytes,
  tensor,
  value,
  withFiles,
} from './build.ts';

/** The audit of a file that holds `message`, as a reader of the record would get it. */
async function audit(message: ModelProto): Promise<ModelAudit> {
  let found: ModelAudit | undefined;
  await withFiles({ 'm.onnx': encode(message) }, async (folder) => {
    found = await auditModel(join(folder, 'm.onnx'));
  });
  return modelAuditSchema.parse(JSON.parse(JSON.stringify(found)));
}

function codes({ warnings }: ModelAudit): readonly string[] {
  return warnings.map(({ code }) => code);
}

function messageOf({ warnings }: ModelAudit, code: string): string {
  return warnings.find((warning) => warning.code === code)?.message ?? '';
}

/** The small network whose Relu is a call of a function with the given nodes. */
function withFunction(body: NodeProto[]): ModelProto {
  const message = smallNetwork(1);
  message.graph?.node.splice(1, 1, node('Block', ['c'], ['r'], {}, 'local'));
  const filled = create(FunctionProtoSchema, {
    name: 'Block',
    domain: 'local',
    input: ['x'],
    output: ['y'],
    node: body,
  });
  message.functions.push(filled);
  return message;
}

/** 3x8x8 in; 4 filters of 3x3; mean; 2 classes. */
function smallNetwork(batch: number | string): ModelProto {
  return model({
    input: [value('image', [batch, 3, 8, 8]), value('filters', [4, 3, 3, 3])],
    output: [value('logits', [batch, 2])],
    initializer: [
      floats('filters', [4, 3, 3, 3]),
      floats('bias', [4]),
      floats('head', [2, 4]),
      int64s('sides', [2, 3]),
    ],
    node: [
      node('Conv', ['image', 'filters', 'bias'], ['c'], { pads: [1, 1, 1, 1] }),
      node('Relu', ['c'], ['r']),
      node('ReduceMean', ['r', 'sides'], ['m'], { keepdims: 0 }),
      node('Gemm', ['m', 'head'], ['logits'], { transB: 1 }),
    ],
  });
}

const SMALL_CONV = 4 * 8 * 8 * 27;
const SMALL_HEAD = 8;

/** The small network in QDQ form, but for its head, which is a float. */
function quantizedNetwork({ activations }: { activations: boolean }): ModelProto {
  return model({
    input: [value('image', [1, 3, 8, 8])],
    output: [value('logits', [1, 2])],
    initializer: [
      int8s('filters', [4, 3, 3, 3]),
      floats('filters_scale', [4]),
      int8s('filters_zero', [4]),
      floats('scale', [], [0.1]),
      int8s('zero', [], DataType.UINT8),
      floats('head', [2, 4]),
      int64s('sides', [2, 3]),
    ],
    node: [
      node('QuantizeLinear', ['image', 'scale', 'zero'], ['q']),
      node('DequantizeLinear', ['q', 'scale', 'zero'], ['d']),
      node('DequantizeLinear', ['filters', 'filters_scale', 'filters_zero'], ['f'], { axis: 0 }),
      node('Conv', [activations ? 'd' : 'image', 'f'], ['c'], { pads: [1, 1, 1, 1] }),
      node('ReduceMean', ['c', 'sides'], ['m'], { keepdims: 0 }),
      node('Gemm', ['m', 'head'], ['logits'], { transB: 1 }),
    ],
  });
}

describe('auditModel', (it) => {
  it('says what the file says of itself', async () => {
    const message = smallNetwork(1);
    message.metadataProps.push({ $typeName: 'onnx.StringStringEntryProto', key: 'note', value: 'a\u001bb' });
    const found = await audit(message);
    assert.is(found.file, 'm.onnx');
    assert.is(found.file_size_bytes, encode(message).length);
    assert.is(found.ir_version, 10);
    assert.equal(found.opsets, { 'ai.onnx': 20 });
    assert.equal([found.producer_name, found.producer_version], ['by hand', '1']);
    assert.equal(found.metadata, { note: 'a\uFFFDb' });
    assert.equal(
      found.inputs,
      [{ name: 'image', type: 'float32', shape: [1, 3, 8, 8] }],
      'the listed initialiser is no input',
    );
    assert.equal(found.outputs, [{ name: 'logits', type: 'float32', shape: [1, 2] }]);
    assert.equal(found.operators, { Conv: 1, Gemm: 1, ReduceMean: 1, Relu: 1 });
    assert.equal(found.warnings, []);
  });

  it('counts parameters and multiply-adds as one does by hand', async () => {
    const found = await audit(smallNetwork(1));
    assert.is(found.parameter_count, 108 + 4 + 8);
    assert.is(found.multiply_adds.total, SMALL_CONV + SMALL_HEAD);
    assert.is(found.int8_weight_share, 0);
    assert.is(found.multiply_adds.int8_share, 0);
    assert.is(found.fixed_batch, 1);
  });

  it('counts for the batch the file is fixed to, and for one when it is open', async () => {
    const four = await audit(smallNetwork(4));
    assert.is(four.multiply_adds.total, 4 * (SMALL_CONV + SMALL_HEAD));
    assert.equal([four.fixed_batch, four.multiply_adds.batch], [4, 4]);
    const open = await audit(smallNetwork('N'));
    assert.is(open.multiply_adds.total, SMALL_CONV + SMALL_HEAD);
    assert.equal([open.fixed_batch, open.multiply_adds.batch], [null, 1]);
    assert.equal(open.inputs[0]?.shape, ['N', 3, 8, 8]);
  });

  it('gives the shares of weights and of multiply-adds that are INT8', async () => {
    const found = await audit(quantizedNetwork({ activations: true }));
    assert.is(found.int8_weight_share, 108 / 116);
    assert.is(found.multiply_adds.int8, SMALL_CONV);
    assert.is(found.multiply_adds.int8_share, SMALL_CONV / (SMALL_CONV + SMALL_HEAD));
    assert.equal(codes(found), []);
  });

  it('warns of 8-bit weights that meet float activations, and counts no INT8 multiply-adds there', async () => {
    const found = await audit(quantizedNetwork({ activations: false }));
    assert.is(found.int8_weight_share, 108 / 116);
    assert.is(found.multiply_adds.int8, 0);
    assert.equal(codes(found), ['weight_only_int8']);
  });

  it('reads float16 weights as parameters', async () => {
    const halves = tensor('w', [4, 2], { dataType: DataType.FLOAT16, rawData: new Uint8Array(16) });
    assert.is((await audit(linearModel(halves))).parameter_count, 8);
  });

  it('lists the tensors that hold subnormal weights, and warns', async () => {
    const found = await audit(linearModel(floats('w', [4, 2], [1e-40, 1, 1, -1e-39, 0, 1, 1e-38, 1])));
    assert.equal(found.subnormal_weights, { total: 3, tensors: [{ name: 'w', count: 3, of: 8 }] });
    assert.equal(codes(found), ['subnormal_weights']);
    assert.match(found.warnings[0]?.message ?? '', /^3 weights are subnormal, in 1 tensor: .* to zero/);
  });

  it('lists the tensors that hold NaN or infinite weights, and warns', async () => {
    const found = await audit(linearModel(floats('w', [4, 2], [Number.NaN, 1, 1, -Infinity, 0, 1, Infinity, 1])));
    assert.equal(found.nonfinite_weights, { total: 3, tensors: [{ name: 'w', nan: 1, infinite: 2, of: 8 }] });
    assert.equal(codes(found), ['nonfinite_weights']);
  });

  it('gives no total when a node cannot be counted, and names the node', async () => {
    const message = smallNetwork(1);
    message.graph?.node.splice(3, 0, node('Einsum', ['m'], ['e']), node('Attention', ['e'], ['t'], {}, 'com.example'));
    const found = await audit(message);
    assert.equal(found.multiply_adds, {
      batch: 1,
      total: null,
      counted: SMALL_CONV + SMALL_HEAD,
      int8: 0,
      int8_share: null,
      unknown_nodes: [
        { name: 'Einsum_e', operator: 'Einsum' },
        { name: 'Attention_t', operator: 'com.example.Attention' },
      ],
    });
    assert.equal(codes(found), ['unknown_multiply_adds', 'custom_operators']);
    assert.match(messageOf(found, 'unknown_multiply_adds'), /of 2 nodes .*\. Export the model with a fixed input size/);
  });

  it('knows the functions that the file defines itself, and says that they hide what they hold', async () => {
    const found = await audit(withFunction([node('Relu', ['x'], ['y'])]));
    assert.equal(codes(found), ['unknown_multiply_adds']);
    assert.match(
      messageOf(found, 'unknown_multiply_adds'),
      /of 2 nodes .*: 1 calls a function that the file defines .*onnx\.inliner\.inline_local_functions/,
    );
    assert.not.match(messageOf(found, 'unknown_multiply_adds'), /fixed input size/);
  });

  it('warns of operators that only a function of the file uses', async () => {
    const found = await audit(withFunction([node('Swish', ['x'], ['y'], {}, 'com.example')]));
    assert.match(messageOf(found, 'custom_operators'), /^Operators of com\.example are not/);
  });

  it('cannot count products in the branches of an If', async () => {
    const message = smallNetwork(1);
    const branch = graph({ node: [node('MatMul', ['m', 'm'], ['inner']), node('Relu', ['inner'], ['out'])] });
    message.graph?.node.push(node('If', ['m'], ['z'], { then_branch: branch }));
    const found = await audit(message);
    assert.equal(found.multiply_adds.unknown_nodes, [{ name: 'MatMul_inner', operator: 'MatMul' }]);
    assert.match(
      messageOf(found, 'unknown_multiply_adds'),
      /of 1 node .*: 1 stands in a branch or loop, which runs an unknown number of times\.$/,
    );
    assert.is(found.operators['Relu'], 2);
  });

  it('lists external files and counts their bytes', async () => {
    const weights = rawBytes(new Float32Array(8));
    const outside = tensor('w', [4, 2], {
      dataType: DataType.FLOAT,
      dataLocation: DataLocation.EXTERNAL,
      externalData: [{ key: 'location', value: 'w.bin' }],
    });
    await withFiles({ 'm.onnx': encode(linearModel(outside)), 'w.bin': weights }, async (folder) => {
      const found = await auditModel(join(folder, 'm.onnx'));
      assert.equal(
        found.external_files.map(({ location, size_bytes }) => [location, size_bytes]),
        [['w.bin', 32]],
      );
      assert.is(found.file_size_bytes, encode(linearModel(outside)).length + 32);
      assert.is(found.parameter_count, 8);
      assert.equal(codes(found), ['external_data']);
    });
  });

  it('warns of a graph that was optimised for one machine', async () => {
    const message = linearModel();
    message.graph?.node.push(node('Conv', ['y'], ['z'], {}, 'com.microsoft.nchwc'));
    assert.ok(codes(await audit(message)).includes('machine_specific'));
  });

  it('refuses a file that is no model', () =>
    withFiles({ 'm.onnx': 'hello' }, (folder) =>
      rejects(() => auditModel(join(folder, 'm.onnx')), /is no ONNX model/),
    ));
});
