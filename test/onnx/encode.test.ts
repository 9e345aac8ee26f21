import { equals, fromBinary } from '@bufbuild/protobuf';
import * as ort from 'onnxruntime-node';
import * as assert from 'uvu/assert';
import { ModelProtoSchema, type ModelProto } from '../../src/onnx/generated/onnx_pb.ts';
import { GraphBuilder } from '../../src/onnx/graph.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { describe } from '../describe.ts';

/** y = x + (3, -0.5), the summand being the middle of a larger array. */
function shiftModel(): ModelProto {
  const graph = new GraphBuilder();
  const shift = graph.initializer('shift', { dims: [2], data: Float32Array.of(9, 3, -0.5, 9).subarray(1, 3) });
  const x = graph.input('x', [2]);
  graph.output(graph.node('Add', [x, shift], { dims: [2], output: 'y' }));
  return graph.build('shift', { notice: 'a test' });
}

describe('encodeModel', (it) => {
  it('encodes a model that decodes to the same message', () => {
    const model = shiftModel();
    assert.ok(equals(ModelProtoSchema, fromBinary(ModelProtoSchema, encodeModel(model)), model));
  });

  it('stores floats as little-endian bytes', () => {
    const [tensor] = shiftModel().graph?.initializer ?? [];
    assert.equal([...(tensor?.rawData ?? [])], [0, 0, 0x40, 0x40, 0, 0, 0, 0xbf]);
  });

  it('keeps the metadata', () => {
    const [entry] = shiftModel().metadataProps;
    assert.equal([entry?.key, entry?.value], ['notice', 'a test']);
  });

  it('makes a file that the runtime loads and computes with', async () => {
    const session = await ort.InferenceSession.create(encodeModel(shiftModel()));
    const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2), [2]) });
    assert.equal([...((y?.data ?? []) as Float32Array)], [4, 1.5]);
    await session.release();
  });

  it('refuses two values of one name', () => {
    const graph = new GraphBuilder();
    graph.input('x', [1]);
    assert.throws(() => graph.input('x', [2]), /two values named x/);
  });
});
