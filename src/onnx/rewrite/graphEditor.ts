import { clone, create } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from '../generated/onnx_pb.ts';
import { type Attribute, encodeAttribute } from '../graph.ts';
import { type ConstantData, encodeConstant } from './constants.ts';
import { copied, withGraph } from './editableCopy.ts';
import { FreshNames } from './freshNames.ts';
import { GraphView } from './graphView.ts';
import { importDomain, setOpset } from './opset.ts';

export type { ConstantData, FloatConstant } from './constants.ts';

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
export class GraphEditor extends GraphView {
  readonly #names: FreshNames;

  constructor(model: ModelProto) {
    super(model);
    this.#names = new FreshNames(model.graph ?? this.graph);
  }

  override get opset(): number {
    return super.opset;
  }

  override set opset(version: number) {
    setOpset(this.model, version);
    this.changed();
  }

  /** Stores a constant and returns its name. `data` must not change afterwards. */
  addConstant(hint: string, dims: readonly number[], data: ConstantData): string {
    const name = this.#names.fresh(hint);
    this.stored.set(name, encodeConstant(name, dims, data));
    return name;
  }

  addFloats(hint: string, dims: readonly number[], data: Float32Array): string {
    return this.addConstant(hint, dims, data);
  }

  addInts(hint: string, ints: readonly number[]): string {
    return this.addConstant(hint, [ints.length], BigInt64Array.from(ints, BigInt));
  }

  /**
   * Makes `value` the constant `tensor`, under its own name, in place of the node of one output that
   * computes it or of the constant that stood there. It must be what the value was: same shape and type.
   */
  setConstant(value: string, tensor: TensorProto): void {
    const node = this.producer(value);
    if (node !== undefined) {
      this.remove(node);
    }
    // Not spread: a field that was not set stands on the message's prototype.
    this.stored.set(value, Object.assign(create(TensorProtoSchema), tensor, { name: value }));
  }

  /** A name that no value or node bears, such as for a further output of a node. */
  freshName(hint: string): string {
    return this.#names.fresh(hint);
  }

  /** Adds a node of one output and returns the output's name; its place follows from what it reads. */
  addNode({ opType, inputs, attributes = {}, domain = '', hint = opType.toLowerCase() }: NewNode): string {
    const output = this.#names.fresh(hint);
    this.links.add(
      create(NodeProtoSchema, {
        name: `node_${output}`,
        opType,
        domain,
        input: [...inputs],
        output: [output],
        attribute: Object.entries(attributes).map(([name, attribute]) => encodeAttribute(name, attribute)),
      }),
    );
    importDomain(this.model, domain);
    this.newer.add(output);
    return output;
  }

  setInput(node: NodeProto, index: number, value: string): void {
    this.links.rewire(node, () => {
      node.input[index] = value;
    });
    this.forget();
  }

  /**
   * Lets everything that reads `from` read `to`, except the nodes of `except` (such as those that
   * compute `to` from it). A graph output keeps its name: the node that computes `to` takes it over,
   * so that `to` is called `from` then.
   */
  replaceUses(from: string, to: string, except: readonly NodeProto[] = []): void {
    if (from === to) {
      return;
    }
    for (const node of this.consumers(from)) {
      if (!except.includes(node)) {
        this.#rename(node, from, to);
      }
    }
    this.forget();
    const isComputed = this.producer(from) !== undefined || this.stored.has(from);
    if (this.isGraphOutput(from) && isComputed) {
      this.#giveOutputTo(from, to);
    }
  }

  remove(node: NodeProto): void {
    this.links.remove(node);
  }

  /** Removes nodes and initialisers that no output needs. */
  prune(): void {
    const needed = new Set(this.graph.output.map(({ name }) => name));
    for (const node of this.nodes.toReversed()) {
      if (node.output.some((output) => needed.has(output))) {
        node.input.forEach((input) => needed.add(input));
      } else {
        this.remove(node);
      }
    }
    for (const name of this.stored.keys()) {
      if (!needed.has(name)) {
        this.stored.delete(name);
      }
    }
  }

  /** The rewritten model; later edits do not change it. */
  build(metadata: Readonly<Record<string, string>> = {}): ModelProto {
    this.prune();
    const graph = Object.assign(create(GraphProtoSchema), this.graph, {
      node: this.nodes.map((node) => clone(NodeProtoSchema, node)),
      initializer: this.initializers,
      input: copied(this.graph.input),
      output: copied(this.graph.output),
      // What the exporter said of values that may be gone, or have another shape now.
      valueInfo: [],
    });
    const model = withGraph(this.model, graph);
    const kept = model.metadataProps.filter(({ key }) => !(key in metadata));
    const added = Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }));
    model.metadataProps = [...kept, ...added];
    return model;
  }

  #giveOutputTo(output: string, value: string): void {
    const isFree = this.producer(value) !== undefined && !this.isGraphOutput(value);
    const source = isFree ? value : this.addNode({ opType: 'Identity', inputs: [value] });
    const spare = this.#names.fresh(`${output}_before`);
    this.#renameValue(output, spare);
    this.#renameValue(source, output);
  }

  #renameValue(from: string, to: string): void {
    const producer = this.producer(from);
    for (const node of producer === undefined ? this.consumers(from) : [producer, ...this.consumers(from)]) {
      this.#rename(node, from, to);
    }
    const stored = this.stored.get(from);
    if (stored !== undefined) {
      this.stored.delete(from);
      this.setConstant(to, stored);
    }
    this.forget();
  }

  #rename(node: NodeProto, from: string, to: string): void {
    const renamed = (name: string): string => (name === from ? to : name);
    this.links.rewire(node, () => {
      node.input = node.input.map(renamed);
      node.output = node.output.map(renamed);
    });
  }
}
