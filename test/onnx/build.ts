import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  type AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../../src/onnx/generated/onnx_pb.ts';

type AttributeValue = number | readonly number[] | string | { f: number } | TensorProto | GraphProto;

/** A node; a number becomes an int attribute, `{ f }` a float one. */
export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  domain = '',
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    domain,
    name: `${opType}_${output[0] ?? ''}`,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([name, content]) => ({ name, ...attribute(content) })),
  });
}

function attribute(content: AttributeValue): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof content === 'number') {
    return { type: AttributeType.INT, i: BigInt(content) };
  }
  if (typeof content === 'string') {
    return { type: AttributeType.STRING, s: new TextEncoder().encode(content) };
  }
  if ('f' in content) {
    return { type: AttributeType.FLOAT, f: content.f };
  }
  if ('$typeName' in content) {
    return content.$typeName === 'onnx.TensorProto'
      ? { type: AttributeType.TENSOR, t: content }
      : { type: AttributeType.GRAPH, g: content };
  }
  return { type: AttributeType.INTS, ints: content.map(BigInt) };
}

/** A tensor of `dims` from any of its data fields. */
export function tensor(
  name: string,
  dims: readonly number[],
  fields: MessageInitShape<typeof TensorProtoSchema>,
): TensorProto {
  return create(TensorProtoSchema, { name, dims: dims.map(BigInt), ...fields });
}

/** A float32 tensor in raw_data; without values, of ones. */
export function floats(name: string, dims: readonly number[], values?: readonly number[]): TensorProto {
  const count = dims.reduce((product, size) => product * size, 1);
  return tensor(name, dims, {
    dataType: DataType.FLOAT,
    rawData: rawBytes(Float32Array.from(values ?? Array.from({ length: count }, () => 1))),
  });
}

/** Integers of 8 bits, all 3. */
export function int8s(name: string, dims: readonly number[], dataType: DataType = DataType.INT8): TensorProto {
  const count = dims.reduce((product, size) => product * size, 1);
  return tensor(name, dims, { dataType, rawData: new Uint8Array(count).fill(3) });
}

/** A vector of int64. */
export function int64s(name: string, values: readonly number[]): TensorProto {
  return tensor(name, [values.length], { dataType: DataType.INT64, int64Data: values.map(BigInt) });
}

export function rawBytes(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** What a value is declared as: numbers are fixed sizes, names symbolic ones. */
export function value(
  name: string,
  dims: readonly (number | string)[],
  elemType: DataType = DataType.FLOAT,
): ValueInfoProto {
  const dim = dims.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } },
  });
}

export function graph(parts: MessageInitShape<typeof GraphProtoSchema>): GraphProto {
  return create(GraphProtoSchema, { name: 'test', ...parts });
}

/** A whole model around `parts`, with opset 20 unless said otherwise. */
export function model(parts: MessageInitShape<typeof GraphProtoSchema>, opset = 20): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: 10n,
    producerName: 'by hand',
    producerVersion: '1',
    opsetImport: [{ domain: '', version: BigInt(opset) }],
    graph: graph(parts),
  });
}

/** A model of one small MatMul: 4 features in, 2 classes out, 8 weights named "w". */
export function linearModel(weight: TensorProto = floats('w', [4, 2])): ModelProto {
  return model({
    input: [value('x', [1, 4])],
    output: [value('y', [1, 2])],
    initializer: [weight],
    node: [node('MatMul', ['x', 'w'], ['y'])],
  });
}

export function encode(message: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, message);
}

/** Runs `use` with a folder of its own that holds `files`, and removes it. */
export async function withFiles(
  files: Readonly<Record<string, Uint8Array | string>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'beltbench-onnx-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content);
    }
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
