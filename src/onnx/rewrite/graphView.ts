import { create } from '@bufbuild/protobuf';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType as DataType,
  type ValueInfoProto,
} from '../generated/onnx_pb.ts';
import { tensorAttribute } from '../node.ts';
import { elementCount, tensorDims, tensorValues } from '../tensor.ts';
import { type FloatConstant, isReadable } from './constants.ts';
import { editableCopy } from './editableCopy.ts';
import { GraphFacts } from './graphFacts.ts';
import { GraphLinks } from './graphLinks.ts';
import { opsetOf } from './opset.ts';

/** More numbers are weights, not shapes. */
const MOST_NUMBERS = 1024;

/** What can be asked of a model's main graph; `GraphEditor` adds what can be done to it. */
export class GraphView {
  protected readonly model: ModelProto;
  protected readonly graph: GraphProto;
  protected readonly stored: Map<string, TensorProto>;
  protected links: GraphLinks;
  /** Values that are newer than the facts. */
  protected readonly newer = new Set<string>();
  #facts: GraphFacts | undefined;
  #outputNames: ReadonlySet<string> | undefined;

  /**
   * @param model as `readModel` returns it: its tensors have been checked
   * @throws BeltbenchError `bad_model` for a graph with nested graphs (If, Loop, Scan) or local
   *   functions, which no pass rewrites
   */
  constructor(model: ModelProto) {
    const copy = editableCopy(model);
    this.model = copy.model;
    this.graph = copy.graph;
    this.links = new GraphLinks(copy.graph.node);
    this.stored = new Map(copy.graph.initializer.map((tensor) => [tensor.name, tensor]));
  }

  /** In topological order; a snapshot, so that a pass may edit while it goes through them. */
  get nodes(): readonly NodeProto[] {
    return [...this.links.sorted];
  }

  get inputs(): readonly ValueInfoProto[] {
    return this.graph.input;
  }

  get outputs(): readonly ValueInfoProto[] {
    return this.graph.output;
  }

  /** Everything whose type or shape the file declares: inputs, outputs and values between them. */
  get declared(): readonly ValueInfoProto[] {
    return [...this.graph.input, ...this.graph.output, ...this.graph.valueInfo];
  }

  /** The stored tensors; a snapshot. */
  get initializers(): readonly TensorProto[] {
    return [...this.stored.values()];
  }

  /** Version of ONNX's own operator set. */
  get opset(): number {
    return opsetOf(this.model);
  }

  /** The node that computes a value; `undefined` for inputs and initialisers. */
  producer(value: string): NodeProto | undefined {
    return this.links.producer(value);
  }

  /** The nodes that read a value, each once. */
  consumers(value: string): readonly NodeProto[] {
    return this.links.consumers(value);
  }

  isGraphOutput(value: string): boolean {
    this.#outputNames ??= new Set(this.graph.output.map(({ name }) => name));
    return this.#outputNames.has(value);
  }

  /** The only node that reads a value, when nothing else needs it. */
  onlyConsumer(value: string): NodeProto | undefined {
    const [only, ...others] = this.consumers(value);
    return others.length === 0 && !this.isGraphOutput(value) ? only : undefined;
  }

  /** The tensor of an initialiser or a Constant node; `undefined` for what a run computes. */
  constant(value: string): TensorProto | undefined {
    const stored = this.stored.get(value);
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
    if (tensor === undefined) {
      return this.#factsOf(value).numbers(value);
    }
    const isSmall = elementCount(tensorDims(tensor)) <= MOST_NUMBERS;
    return isSmall && isReadable(tensor) ? Array.from(tensorValues(tensor), Number) : undefined;
  }

  /** A constant of one float32 element, whatever its rank. */
  scalar(value: string): number | undefined {
    const constant = this.floats(value);
    return constant?.data.length === 1 ? constant.data[0] : undefined;
  }

  /**
   * The shape of a value when all its sizes are known without a run. A free batch counts as 1: only
   * when `hasFixedInputs` is this the shape of every run.
   */
  shape(value: string): readonly number[] | undefined {
    const stored = this.stored.get(value);
    return stored === undefined ? this.#factsOf(value).shape(value) : tensorDims(stored);
  }

  /** ONNX's number for a value's element type, when it is known without a run. */
  elementType(value: string): number | undefined {
    return this.constant(value)?.dataType ?? this.#factsOf(value).elementType(value);
  }

  /** To be called by whoever changes a node, input or output directly. */
  changed(): void {
    this.links = new GraphLinks(this.links.nodes);
    this.#outputNames = undefined;
    this.forget();
  }

  protected forget(): void {
    this.#facts = undefined;
    this.newer.clear();
  }

  /** Facts of the graph at least as new as `value`: an added node changes no other value's. */
  #factsOf(value: string): GraphFacts {
    if (this.#facts === undefined || this.newer.has(value)) {
      const { nodes: node, initializers: initializer } = this;
      const graph = Object.assign(create(GraphProtoSchema), this.graph, {
        node: [...node],
        initializer: [...initializer],
      });
      this.#facts = new GraphFacts(this.model, graph);
      this.newer.clear();
    }
    return this.#facts;
  }
}
