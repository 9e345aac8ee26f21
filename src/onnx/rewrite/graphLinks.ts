import type { NodeProto } from '../generated/onnx_pb.ts';
import { sortedNodes } from './sortNodes.ts';

/** The nodes of a graph with who computes and who reads each value, kept up to date edit by edit. */
export class GraphLinks {
  readonly #nodes: Set<NodeProto>;
  readonly #producers = new Map<string, NodeProto>();
  readonly #consumers = new Map<string, Set<NodeProto>>();
  #order: readonly NodeProto[] | undefined;

  constructor(nodes: Iterable<NodeProto>) {
    this.#nodes = new Set(nodes);
    this.#nodes.forEach((node) => this.#link(node));
  }

  get nodes(): Iterable<NodeProto> {
    return this.#nodes;
  }

  producer(value: string): NodeProto | undefined {
    return this.#producers.get(value);
  }

  consumers(value: string): readonly NodeProto[] {
    return [...(this.#consumers.get(value) ?? [])];
  }

  /** In topological order. */
  get sorted(): readonly NodeProto[] {
    this.#order ??= sortedNodes(this.#nodes);
    return this.#order;
  }

  add(node: NodeProto): void {
    this.#nodes.add(node);
    this.#link(node);
    this.#order = undefined;
  }

  remove(node: NodeProto): void {
    if (this.#nodes.delete(node)) {
      this.#unlink(node);
      this.#order = undefined;
    }
  }

  /** Lets `edit` change what a node reads or is to compute. */
  rewire(node: NodeProto, edit: (node: NodeProto) => void): void {
    this.#unlink(node);
    edit(node);
    this.#link(node);
    this.#order = undefined;
  }

  #link(node: NodeProto): void {
    for (const output of node.output) {
      if (output !== '') {
        this.#producers.set(output, node);
      }
    }
    for (const input of node.input) {
      if (input !== '') {
        const readers = this.#consumers.get(input) ?? new Set();
        this.#consumers.set(input, readers.add(node));
      }
    }
  }

  #unlink(node: NodeProto): void {
    for (const output of node.output) {
      if (this.#producers.get(output) === node) {
        this.#producers.delete(output);
      }
    }
    node.input.forEach((input) => this.#consumers.get(input)?.delete(node));
  }
}
