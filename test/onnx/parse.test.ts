import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import * as assert from 'uvu/assert';
import { type GraphProto, ModelProtoSchema } from '../../src/onnx/generated/onnx_pb.ts';
import { parseModel } from '../../src/onnx/parse.ts';
import { BeltbenchError } from '../../src/shared/errors.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { encode, floats, graph, linearModel, model, node, tensor, value } from './build.ts';

const FIELD = { graph: 7, nodes: 1, initializers: 5, int64Data: 7 };

/** A model file whose graph is the bytes `content`. */
function withGraph(content: Uint8Array): Uint8Array {
  const head = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 10n, opsetImport: [{ domain: '', version: 20n }] }),
  );
  const body = new BinaryWriter().tag(FIELD.graph, WireType.LengthDelimited).bytes(content).finish();
  return Buffer.concat([head, body]);
}

/** `count` empty messages in `field`: 2 bytes each on disk, hundreds once decoded. */
function manyEmpty(field: number, count: number): Uint8Array {
  const one = new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(new Uint8Array()).finish();
  return new Uint8Array(one.length * count).map((_, index) => one[index % one.length] ?? 0);
}

function nested(depth: number): GraphProto {
  const inner = depth === 0 ? {} : { body: nested(depth - 1) };
  return graph({ node: [node('If', ['c'], ['y'], inner)], output: [value('y', [1])] });
}

describe('parseModel', (it) => {
  it('refuses a file cut off at any byte, or reads it whole', () => {
    const whole = encode(linearModel());
    let refused = 0;
    for (let length = 0; length < whole.length; length += 1) {
      try {
        parseModel('m.onnx', whole.subarray(0, length));
      } catch (error) {
        assert.instance(error, BeltbenchError, `cut to ${length} bytes: ${String(error)}`);
        refused += 1;
      }
    }
    assert.is(refused, whole.length);
  });

  it('says that a file is cut off, how long it is and how long it should be', () => {
    const whole = encode({ ...linearModel(), opsetImport: [] });
    return rejects(
      () => parseModel('m.onnx', whole.subarray(0, -5)),
      new RegExp(`is cut off: it ends after ${whole.length - 5} bytes, where its content says ${whole.length}`),
    );
  });

  it('survives every file that differs from a model in one byte', () => {
    const whole = encode(linearModel());
    for (const [index, byte] of whole.entries()) {
      for (const flip of [0x01, 0x08, 0x80, 0xff]) {
        const damaged = Uint8Array.from(whole);
        damaged[index] = byte ^ flip;
        try {
          parseModel('m.onnx', damaged);
        } catch (error) {
          assert.instance(error, BeltbenchError, `byte ${index} flipped by ${flip}: ${String(error)}`);
        }
      }
    }
  });

  it('refuses protobuf without a graph, without nodes, without outputs, without an operator set', async () => {
    const { graph: full, ...rest } = linearModel();
    assert.ok(full !== undefined);
    await rejects(() => parseModel('m', encode(create(ModelProtoSchema, { irVersion: 10n }))), /holds no graph;/);
    await rejects(() => parseModel('m', encode({ ...rest, graph: { ...full, node: [] } })), /holds no graph nodes/);
    await rejects(() => parseModel('m', encode({ ...rest, graph: { ...full, output: [] } })), /holds no graph outputs/);
    await rejects(() => parseModel('m', encode({ ...linearModel(), opsetImport: [] })), /says no opset version/);
  });

  it('refuses more than 100,000 nodes or initialisers before decoding them', async () => {
    await rejects(
      () => parseModel('m', withGraph(manyEmpty(FIELD.nodes, 100_001))),
      /holds more than 100000 NodeProtos, too many/,
    );
    await rejects(
      () => parseModel('m', withGraph(manyEmpty(FIELD.initializers, 100_001))),
      /holds more than 100000 TensorProtos, too many/,
    );
  });

  it('refuses a file of 30 MB that would decode to gigabytes of numbers', () => {
    const numbers = new BinaryWriter().tag(FIELD.int64Data, WireType.LengthDelimited).bytes(new Uint8Array(30e6));
    const bomb = new BinaryWriter().tag(FIELD.initializers, WireType.LengthDelimited).bytes(numbers.finish()).finish();
    return rejects(() => parseModel('m', withGraph(bomb)), /would take more than 1073741824 bytes.*raw_data/);
  });

  it('reads a weight of float_data of a size that real models have', () => {
    const floatData = Array.from({ length: 300_000 }, (_, index) => index);
    const parsed = parseModel('m', encode(linearModel(tensor('w', [300_000], { dataType: 1, floatData }))));
    assert.is(parsed.graph.initializer[0]?.floatData.length, 300_000);
  });

  it('refuses graphs nested deeper than any exporter writes, and reads a few levels', async () => {
    const few = parseModel('m', encode(model(nested(5))));
    assert.is(few.graph.node[0]?.attribute[0]?.g?.node[0]?.opType, 'If');
    await rejects(() => parseModel('m', encode(model(nested(30)))), /nests more than 40 messages/);
  });

  it('keeps tensors as views of the file, without copying them', () => {
    const bytes = encode(linearModel(floats('w', [4, 2])));
    const weight = parseModel('m', bytes).graph.initializer[0];
    assert.is(weight?.rawData.buffer, bytes.buffer);
  });
});
