import { clone, create } from '@bufbuild/protobuf';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from '../generated/onnx_pb.ts';

/**
 * Copies layers of a QDQ graph to stand beside those of the float graph that it was made of: values of
 * the same name mean the same in both. Neither model is changed; their tensors are shared.
 */
export class Grafts {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #floatModel: ModelProto;
  readonly #quantizedModel: ModelProto;
  readonly #floatValues: ReadonlySet<string>;
  readonly #producers: ReadonlyMap<string, NodeProto>;
  readonly #stored: ReadonlyMap<string, TensorProto>;
  readonly #quantized: GraphProto;
  readonly #prefix: string;
  readonly #copied = new Set<string>();

  constructor(floatModel: ModelProto, quantizedModel: ModelProto) {
    this.#floatModel = floatModel;
    this.#quantizedModel = quantizedModel;
    const float = graphOf(floatModel);
    const quantized = graphOf(quantizedModel);
    this.#quantized = quantized;
    this.#producers = new Map(quantized.node.flatMap((node) => node.output.map((output) => [output, node] as const)));
    this.#stored = new Map(quantized.initializer.map((tensor) => [tensor.name, tensor]));
    this.#floatValues = new Set([
      ...float.input.map(({ name }) => name),
      ...float.node.flatMap(({ output }) => output),
    ]);
    const names = [...this.#floatValues, ...float.initializer.map(({ name }) => name)];
    let prefix = 'quantized/';
    while (names.some((name) => name.startsWith(prefix))) {
      prefix = `_${prefix}`;
    }
    this.#prefix = prefix;
  }

  /**
   * Copies one layer with all that it reads, up to values that the float graph computes too, and
   * returns the name of its output as floats.
   *
   * @param hasBias whether a bias is added behind the product of a layer that finds its input's range itself
   */
  addLayer(name: string, output: 'float' | 'integer', hasBias: boolean): string {
    const node = this.#quantized.node.find((other) => other.name === name);
    const value = node?.output[0];
    if (node === undefined || value === undefined) {
      throw new Error(`the quantized model has no node ${name}`);
    }
    if (node.opType === 'MatMulInteger') {
      const steps = hasBias ? ['Cast', 'Mul', 'Add'] : ['Cast', 'Mul'];
      return this.#copy(steps.reduce((before, opType) => this.#reader(before, opType).output[0] ?? '', value));
    }
    return output === 'integer' ? this.#copyRounded(value) : this.#copy(value);
  }

  /** The float model with all copies in it. */
  build(): ModelProto {
    const graph = graphOf(this.#floatModel);
    const entries = [...this.#quantizedModel.opsetImport, ...this.#floatModel.opsetImport];
    return Object.assign(create(ModelProtoSchema), this.#floatModel, {
      opsetImport: [...new Map(entries.map((entry) => [entry.domain, entry])).values()],
      graph: Object.assign(create(GraphProtoSchema), graph, {
        node: [...graph.node, ...this.#nodes],
        initializer: [...graph.initializer, ...this.#initializers],
      }),
    });
  }

  /** Copies what computes a value and rounds it to integers and back, as the QDQ graph does it behind it. */
  #copyRounded(value: string): string {
    const rounding = this.#reader(value, 'QuantizeLinear');
    this.#copy(value);
    const [, ...params] = rounding.input;
    const integers = `${this.#prefix}rounded/${value}`;
    const floats = `${this.#prefix}bounded/${value}`;
    const names = params.map((param) => this.#reference(param));
    const input = [this.#renamed(value), ...names];
    this.#add(Object.assign(clone(NodeProtoSchema, rounding), { input, output: [integers] }));
    this.#add(create(NodeProtoSchema, { opType: 'DequantizeLinear', input: [integers, ...names], output: [floats] }));
    return floats;
  }

  /** Copies the node that computes a value of the QDQ graph, once. */
  #copy(value: string): string {
    if (!this.#copied.has(value)) {
      const node = this.#producers.get(value);
      if (node === undefined) {
        throw new Error(`the quantized model does not compute ${value}`);
      }
      node.output.forEach((output) => this.#copied.add(output));
      const input = node.input.map((name) => this.#reference(name));
      const output = node.output.map((name) => this.#renamed(name));
      this.#add(Object.assign(clone(NodeProtoSchema, node), { input, output }));
    }
    return this.#renamed(value);
  }

  /** The name under which a copied node reads what its original reads. */
  #reference(value: string): string {
    if (value === '' || this.#floatValues.has(value)) {
      return value;
    }
    const tensor = this.#stored.get(value);
    if (tensor === undefined) {
      return this.#copy(value);
    }
    if (!this.#copied.has(value)) {
      this.#copied.add(value);
      this.#initializers.push(Object.assign(create(TensorProtoSchema), tensor, { name: this.#renamed(value) }));
    }
    return this.#renamed(value);
  }

  #reader(value: string, opType: string): NodeProto {
    const reader = this.#quantized.node.find((node) => node.opType === opType && node.input.includes(value));
    if (reader === undefined) {
      throw new Error(`no ${opType} of the quantized model reads ${value}`);
    }
    return reader;
  }

  #add(node: NodeProto): void {
    node.name = `${this.#prefix}${node.output[0] ?? ''}`;
    this.#nodes.push(node);
  }

  #renamed(value: string): string {
    return value === '' ? '' : `${this.#prefix}${value}`;
  }
}

function graphOf({ graph }: ModelProto): GraphProto {
  return graph ?? create(GraphProtoSchema);
}
