import { clone, create } from '@bufbuild/protobuf';
import { BeltbenchError } from '../../shared/errors.ts';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../generated/onnx_pb.ts';
import { type Attribute, encodeAttribute } from '../graph.ts';
import { tensorAttribute } from '../node.ts';
import { inferShapes, type InferredShapes } from '../shapes/infer.ts';
import { tensorDims, tensorValues } from '../tensor.ts';
import { FreshNames } from './freshNames.ts';
import { sortedNodes } from './sortNodes.ts';

/** The element types a pass writes; the array type decides. */
export type ConstantData = Float32Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;

/** A float32 constant, row-major. `data` may alias the file: copy before writing to it. */
export interface FloatConstant {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface NewNode {
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Left out: ONNX's own. */
  readonly domain?: string;
  /** A word of the names of the node and its output, to recognise it by. */
  readonly hint?: string;
}

/**
 * A model whose main graph can be rewritten. The model it was made from is left as it is; the
 * tensors' bytes are shared with it and never written to. Nodes stay in topological order.
 */
export class GraphEditor {
  readonly #model: ModelProto;
  readonly #graph: GraphProto;
  readonly #names: FreshNames;
  readonly #initializers: Map<string, TensorProto>;
  #shapes: InferredShapes | undefined;
  #links: Links | undefined;

  /**
   * @throws BeltbenchError `bad_model` for a graph with nested graphs (If, Loop, Scan) or local
   *   functions, which no pass rewrites
   */
  constructor(model: ModelProto) {
    const { graph } = model;
    if (graph === undefined || model.functions.length > 0 || graph.node.some(hasNestedGraph)) {
      throw new BeltbenchError(
        'bad_model',
        'a model with control flow (If, Loop, Scan) or local functions cannot be rewritten; export it for inference with fixed shapes',
      );
    }
    const stored = new Set(graph.initializer.map(({ name }) => name));
    this.#graph = Object.assign(create(GraphProtoSchema), graph, {
      node: graph.node.map((node) => clone(NodeProtoSchema, node)),
      initializer: [],
      // Up to IR 3 every initialiser is an input too, which would make it no constant.
      input: graph.input.filter(({ name }) => !stored.has(name)).map((input) => clone(ValueInfoProtoSchema, input)),
      output: graph.output.map((output) => clone(ValueInfoProtoSchema, output)),
    });
    this.#model = Object.assign(create(ModelProtoSchema), model, {
      graph: this.#graph,
      opsetImport: model.opsetImport.map((entry) => clone(OperatorSetIdProtoSchema, entry)),
    });
    this.#initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
    this.#names = new FreshNames(graph);
  }

  /** In topological order; a snapshot, so that a pass may edit while it goes through them. */
  get nodes(): readonly NodeProto[] {
    return [...this.#linked().nodes];
  }

  get inputs(): GraphProto['input'] {
    return this.#graph.input;
  }

  get outputs(): GraphProto['output'] {
    return this.#graph.output;
  }

  /** Version of ONNX's own operator set. */
  get opset(): number {
    return Number(this.#opsetEntry()?.version ?? 1n);
  }

  set opset(version: number) {
    const entry = this.#opsetEntry();
    if (entry !== undefined) {
      entry.version = BigInt(version);
    }
    this.changed();
  }

  /** To be called by whoever changes a node, input or output directly. */
  changed(): void {
    this.#links = undefined;
    this.#shapes = undefined;
  }

  /** The node that computes a value; `undefined` for inputs and initialisers. */
  producer(value: string): NodeProto | undefined {
    return this.#linked().producers.get(value);
  }

  /** The nodes that read a value, each once. */
  consumers(value: string): readonly NodeProto[] {
    return this.#linked().consumers.get(value) ?? [];
  }

  isGraphOutput(value: string): boolean {
    return this.#graph.output.some(({ name }) => name === value);
  }

  /** The only node that reads a value, when nothing else needs it. */
  onlyConsumer(value: string): NodeProto | undefined {
    const [only, ...others] = this.consumers(value);
    return others.length === 0 && !this.isGraphOutput(value) ? only : undefined;
  }

  /** The tensor of an initialiser or a Constant node; `undefined` for what a run computes. */
  constant(value: string): TensorProto | undefined {
    const stored = this.#initializers.get(value);
    if (stored !== undefined) {
      return stored;
    }
    const node = this.producer(value);
    return node?.opType === 'Constant' ? tensorAttribute(node, 'value') : undefined;
  }

  /** A float32 constant; `undefined` for other types and for what a run computes. */
  floats(value: string): FloatConstant | undefined {
    const tensor = this.constant(value);
    if (tensor?.dataType !== DataType.FLOAT) {
      return undefined;
    }
    const data = tensorValues(tensor);
    return data instanceof Float32Array ? { dims: tensorDims(tensor), data } : undefined;
  }

  /** The numbers of a small constant of any type, or of a small integer vector that follows from shapes. */
  numbers(value: string): readonly number[] | undefined {
    const tensor = this.constant(value);
    if (tensor !== undefined) {
      return tensorDims(tensor).reduce((a, b) => a * b, 1) <= 1024
        ? Array.from(tensorValues(tensor), Number)
        : undefined;
    }
    return this.#inferred().numbersOf(value);
  }

  /** A constant of one float32 element, whatever its rank. */
  scalar(value: string): number | undefined {
    const constant = this.floats(value);
    return constant?.data.length === 1 ? constant.data[0] : undefined;
  }

  /** The shape of a value when all its sizes are known without a run; a free batch counts as unknown once `fixBatch` has run. */
  shape(value: string): readonly number[] | undefined {
    const shape = this.#inferred().shapeOf(value);
    const known = shape?.filter((dim) => dim !== undefined);
    return known !== undefined && known.length === shape?.length ? known : undefined;
  }

  /** Stores a constant and returns its name. `data` must not change afterwards. */
  addConstant(hint: string, dims: readonly number[], data: ConstantData): string {
    const name = this.#names.fresh(hint);
    this.#initializers.set(
      name,
      create(TensorProtoSchema, {
        name,
        dims: dims.map(BigInt),
        dataType: dataTypeOf(data),
        // ONNX wants little-endian bytes; every platform onnxruntime-node runs on is little-endian.
        rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      }),
    );
    this.changed();
    return name;
  }

  addFloats(hint: string, dims: readonly number[], data: Float32Array): string {
    return this.addConstant(hint, dims, data);
  }

  addInts(hint: string, ints: readonly number[]): string {
    return this.addConstant(hint, [ints.length], BigInt64Array.from(ints, BigInt));
  }

  /** Adds a node of one output and returns the output's name; its place follows from what it reads. */
  addNode({ opType, inputs, attributes = {}, domain = '', hint = opType.toLowerCase() }: NewNode): string {
    const output = this.#names.fresh(hint);
    this.#graph.node.push(
      create(NodeProtoSchema, {
        name: `node_${output}`,
        opType,
        domain,
        input: [...inputs],
        output: [output],
        attribute: Object.entries(attributes).map(([name, attribute]) => encodeAttribute(name, attribute)),
      }),
    );
    if (!this.#model.opsetImport.some((entry) => entry.domain === domain)) {
      this.#model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: 1n }));
    }
    this.changed();
    return output;
  }

  setInput(node: NodeProto, index: number, value: string): void {
    node.input[index] = value;
    this.changed();
  }

  /**
   * Lets everything that reads `from` read `to`, except the nodes of `except` (such as those that
   * compute `to` from it). A graph output keeps its name: the node that computes `to` takes it over.
   */
  replaceUses(from: string, to: string, except: readonly NodeProto[] = []): void {
    for (const node of this.consumers(from)) {
      if (!except.includes(node)) {
        node.input = node.input.map((input) => (input === from ? to : input));
      }
    }
    this.changed();
    if (this.isGraphOutput(from)) {
      this.#giveOutputTo(from, to);
    }
  }

  remove(node: NodeProto): void {
    this.#graph.node = this.#graph.node.filter((other) => other !== node);
    this.changed();
  }

  /** Removes nodes and initialisers that no output needs. */
  prune(): void {
    const needed = new Set(this.#graph.output.map(({ name }) => name));
    const kept: NodeProto[] = [];
    for (const node of this.nodes.toReversed()) {
      if (node.output.some((output) => needed.has(output))) {
        kept.push(node);
        node.input.forEach((input) => needed.add(input));
      }
    }
    this.#graph.node = kept.toReversed();
    for (const name of this.#initializers.keys()) {
      if (!needed.has(name)) {
        this.#initializers.delete(name);
      }
    }
    this.changed();
  }

  /** The rewritten model. Later edits do not change it, except where they change a node in place. */
  build(metadata: Readonly<Record<string, string>> = {}): ModelProto {
    this.prune();
    const kept = this.#model.metadataProps.filter(({ key }) => !(key in metadata));
    const added = Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }));
    return Object.assign(create(ModelProtoSchema), this.#model, {
      metadataProps: [...kept, ...added],
      opsetImport: this.#model.opsetImport.map((entry) => clone(OperatorSetIdProtoSchema, entry)),
      graph: Object.assign(create(GraphProtoSchema), this.#graph, {
        node: this.nodes.map((node) => clone(NodeProtoSchema, node)),
        initializer: [...this.#initializers.values()],
        // What the exporter said of values that may be gone, or have another shape now.
        valueInfo: [],
      }),
    });
  }

  #giveOutputTo(output: string, value: string): void {
    const node = this.producer(value);
    if (node === undefined || this.isGraphOutput(value)) {
      const identity = this.addNode({ opType: 'Identity', inputs: [value] });
      this.#rename(identity, output);
      return;
    }
    this.#rename(value, output);
  }

  /** Gives the value `from` the name `to`, and whoever bore that name before another one. */
  #rename(from: string, to: string): void {
    const spare = this.#names.fresh(`${to}_before`);
    const renamed = new Map([
      [from, to],
      [to, spare],
    ]);
    for (const node of this.#graph.node) {
      node.input = node.input.map((input) => renamed.get(input) ?? input);
      node.output = node.output.map((name) => renamed.get(name) ?? name);
    }
    this.changed();
  }

  #opsetEntry(): ModelProto['opsetImport'][number] | undefined {
    return this.#model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  }

  #linked(): Links {
    if (this.#links === undefined) {
      this.#graph.node = sortedNodes(this.#graph.node);
      this.#links = linksOf(this.#graph.node);
    }
    return this.#links;
  }

  #inferred(): InferredShapes {
    this.#linked();
    this.#shapes ??= inferShapes(
      this.#model,
      Object.assign(create(GraphProtoSchema), this.#graph, { initializer: [...this.#initializers.values()] }),
    );
    return this.#shapes;
  }
}

interface Links {
  readonly nodes: readonly NodeProto[];
  readonly producers: ReadonlyMap<string, NodeProto>;
  readonly consumers: ReadonlyMap<string, readonly NodeProto[]>;
}

function linksOf(nodes: readonly NodeProto[]): Links {
  const producers = new Map<string, NodeProto>();
  const consumers = new Map<string, NodeProto[]>();
  for (const node of nodes) {
    for (const output of node.output) {
      producers.set(output, node);
    }
    for (const input of new Set(node.input)) {
      const readers = consumers.get(input) ?? [];
      readers.push(node);
      consumers.set(input, readers);
    }
  }
  return { nodes, producers, consumers };
}

function hasNestedGraph({ attribute }: NodeProto): boolean {
  return attribute.some(({ g, graphs }) => g !== undefined || graphs.length > 0);
}

function dataTypeOf(data: ConstantData): DataType {
  if (data instanceof Float32Array) {
    return DataType.FLOAT;
  }
  if (data instanceof BigInt64Array) {
    return DataType.INT64;
  }
  if (data instanceof Int32Array) {
    return DataType.INT32;
  }
  return data instanceof Int8Array ? DataType.INT8 : DataType.UINT8;
}
