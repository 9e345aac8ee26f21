import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  type AttributeProtoSchema,
  ModelProtoSchema,
  type ModelProto,
  type NodeProtoSchema,
  TensorProto_DataType as DataType,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './generated/onnx_pb.ts';

/** What PyTorch's exporter writes; opset 20 is the first with an operator for GELU. */
const IR_VERSION = 10n;
const OPSET_VERSION = 20n;

/** A float32 tensor in row-major order. */
export interface Float32Tensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** What flows along an edge of the graph: its name and its shape. */
export interface Value {
  readonly name: string;
  readonly dims: readonly number[];
}

/** An attribute says its type, because 1 may mean an int or a float in ONNX. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly text: string };

export interface NodeOptions {
  /** Shape of the node's only output. */
  readonly dims: readonly number[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Name of the output; left out, it follows from the operator and a counter, as PyTorch's exporter does it. */
  readonly output?: string;
}

/**
 * Collects one ONNX graph of float32 values in topological order, every node with one output.
 * Tensors are not copied: they must not change until the model is encoded.
 */
export class GraphBuilder {
  readonly #nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  readonly #initializers: MessageInitShape<typeof TensorProtoSchema>[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];
  readonly #intermediates: Value[] = [];
  readonly #names = new Set<string>();
  readonly #nodesOfType = new Map<string, number>();

  input(name: string, dims: readonly number[]): Value {
    const value = this.#declare(name, dims);
    this.#inputs.push(value);
    return value;
  }

  initializer(name: string, tensor: Float32Tensor): Value {
    return this.#initialize(name, tensor.dims, DataType.FLOAT, tensor.data);
  }

  /** A constant vector of int64, which ONNX wants for axes and shapes. */
  int64s(name: string, numbers: readonly number[]): Value {
    return this.#initialize(name, [numbers.length], DataType.INT64, BigInt64Array.from(numbers, BigInt));
  }

  node(opType: string, inputs: readonly Value[], { dims, attributes = {}, output }: NodeOptions): Value {
    const position = this.#nodesOfType.get(opType) ?? 0;
    this.#nodesOfType.set(opType, position + 1);
    const numbered = position === 0 ? opType.toLowerCase() : `${opType.toLowerCase()}_${position}`;
    const value = this.#declare(output ?? numbered, dims);
    this.#nodes.push({
      name: `node_${numbered}`,
      opType,
      input: inputs.map((input) => input.name),
      output: [value.name],
      attribute: Object.entries(attributes).map(([name, attribute]) => encodeAttribute(name, attribute)),
    });
    this.#intermediates.push(value);
    return value;
  }

  /** Makes a node's value an output of the graph. */
  output(value: Value): void {
    this.#outputs.push(value);
    this.#intermediates.splice(this.#intermediates.indexOf(value), 1);
  }

  /** The model, with the shape of every intermediate value; `metadata` becomes its metadata_props. */
  build(graphName: string, metadata: Readonly<Record<string, string>> = {}): ModelProto {
    return create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      opsetImport: [{ domain: '', version: OPSET_VERSION }],
      producerName: 'beltbench',
      graph: {
        name: graphName,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs.map(valueInfo),
        output: this.#outputs.map(valueInfo),
        valueInfo: this.#intermediates.map(valueInfo),
      },
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
  }

  #initialize(name: string, dims: readonly number[], dataType: DataType, data: Float32Array | BigInt64Array): Value {
    const value = this.#declare(name, dims);
    // ONNX wants little-endian bytes; every platform onnxruntime-node runs on is little-endian.
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.push({ name, dataType, dims: dims.map(BigInt), rawData });
    return value;
  }

  #declare(name: string, dims: readonly number[]): Value {
    if (this.#names.has(name)) {
      throw new Error(`the graph has two values named ${name}`);
    }
    this.#names.add(name);
    return { name, dims };
  }
}

function valueInfo({ name, dims }: Value): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = dims.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }));
  return { name, type: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT, shape: { dim } } } } };
}

export function encodeAttribute(name: string, attribute: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  if ('int' in attribute) {
    return { name, type: AttributeType.INT, i: BigInt(attribute.int) };
  }
  if ('ints' in attribute) {
    return { name, type: AttributeType.INTS, ints: attribute.ints.map(BigInt) };
  }
  if ('float' in attribute) {
    return { name, type: AttributeType.FLOAT, f: attribute.float };
  }
  return { name, type: AttributeType.STRING, s: new TextEncoder().encode(attribute.text) };
}
