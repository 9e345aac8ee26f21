import type { NodeProto } from '../../onnx/generated/onnx_pb.ts';
import type { GraphEditor } from '../../onnx/rewrite/graphEditor.ts';
import { isOp, onlyConsumerOf } from '../../onnx/rewrite/matching.ts';
import type { Recipe } from '../../records/recipe.ts';
import type { Kernel } from '../plan.ts';
import { followerKernel, isRectifier } from './followers.ts';
import { hasFewChannels, isDepthwise, MULTIPLIERS } from './multipliers.ts';

/** What reads the result of a linear layer as floats anyway, and needs 8 bits of it at most. */
const ACTIVATIONS = ['Gelu', 'Erf', 'Sigmoid', 'Tanh', 'HardSwish', 'HardSigmoid', 'Relu', 'LeakyRelu', 'Elu'];

/** What the runtime joins with a linear layer that answers floats before it looks for integers: a FusedGemm of floats. */
const TAKEN_IN = ['Relu', 'Clip'];

/**
 * Where integers flow through a graph: from nodes with weights, which are given, through those that
 * can pass integers on. It starts with all that could and gives up those that do not stand among
 * integers, until none is left to give up.
 */
export class IntegerFlow {
  readonly #graph: GraphEditor;
  readonly #recipe: Recipe;
  readonly #kernels: Map<NodeProto, Kernel>;
  /** Linear layers whose result stays a float. */
  readonly #floatResults: Set<NodeProto>;
  readonly #rectifiers: ReadonlySet<NodeProto>;

  constructor(graph: GraphEditor, recipe: Recipe, multipliers: ReadonlyMap<NodeProto, Kernel>) {
    this.#graph = graph;
    this.#recipe = recipe;
    const followers = graph.nodes.map((node) => [node, followerKernel(graph, node)] as const);
    this.#kernels = new Map([
      ...multipliers,
      ...followers.flatMap(([node, kernel]): [NodeProto, Kernel][] =>
        kernel === undefined || recipe.keep_float.includes(node.name) ? [] : [[node, kernel]],
      ),
    ]);
    this.#floatResults = new Set(
      [...this.#kernels.keys()].filter((node) => this.#kernelIs(node, 'DynamicQuantizeMatMul')),
    );
    this.#rectifiers = new Set(
      graph.nodes.filter((node) => isRectifier(graph, node, recipe) && !recipe.keep_float.includes(node.name)),
    );
    while (this.#giveUpFollower() || this.#giveUpResult() || this.#giveUpStem()) {
      // Each node given up may leave its neighbours without integers.
    }
  }

  /** What a node becomes; `undefined` when it stays float. */
  kernelOf(node: NodeProto): Kernel | undefined {
    if (this.absorbs(node)) {
      return 'dropped';
    }
    const kernel = this.#kernels.get(node);
    return kernel === 'MatMulIntegerToFloat' && this.handsOn(node) ? 'QLinearMatMul' : kernel;
  }

  /** Whether a node's output is handed on as integers. */
  handsOn(node: NodeProto): boolean {
    return (this.#kernels.has(node) && !this.#floatResults.has(node)) || this.absorbs(node);
  }

  /** Whether a Relu or Clip is nothing but the range of what it reads. */
  absorbs(node: NodeProto): boolean {
    if (!this.#rectifiers.has(node)) {
      return false;
    }
    // Only what keeps values apart from one another may stand between it and the node that computes them.
    let value = node.input[0] ?? '';
    for (;;) {
      const producer = this.#graph.producer(value);
      if (producer === undefined || this.#graph.onlyConsumer(value) === undefined) {
        return false;
      }
      if (this.#kernels.get(producer) !== 'dropped' && !this.#rectifiers.has(producer)) {
        return this.handsOn(producer);
      }
      value = producer.input[0] ?? '';
    }
  }

  /** The operands that a planned node reads as integers. */
  operandsOf(node: NodeProto): readonly string[] {
    const kernel = this.kernelOf(node);
    if (kernel === undefined || kernel === 'DynamicQuantizeMatMul') {
      return [];
    }
    return kernel === 'QLinearAdd' ? [...new Set(node.input)] : node.input.slice(0, 1);
  }

  #kernelIs(node: NodeProto, kernel: Kernel): boolean {
    return this.#kernels.get(node) === kernel;
  }

  #giveUpFollower(): boolean {
    const lost = [...this.#kernels.keys()].find((node) => !isOp(node, ...MULTIPLIERS) && !this.#stands(node));
    return lost !== undefined && this.#kernels.delete(lost);
  }

  #giveUpResult(): boolean {
    const float = [...this.#kernels.keys()].find(
      (node) => isOp(node, 'Gemm', 'MatMul') && this.handsOn(node) && !this.#resultIsInteger(node),
    );
    if (float !== undefined) {
      this.#floatResults.add(float);
    }
    return float !== undefined;
  }

  /** A convolution of few channels has no fast kernel of integers: it pays only where its result goes on as integers. */
  #giveUpStem(): boolean {
    const stem = [...this.#kernels.keys()].find(
      (node) =>
        hasFewChannels(this.#graph, node) &&
        !this.#readers(node).some((reader) => reader !== undefined && this.#readsIntegers(reader)),
    );
    return stem !== undefined && this.#kernels.delete(stem);
  }

  /** Whether a node without weights stands among integers. */
  #stands(node: NodeProto): boolean {
    const fed = node.input.slice(0, isOp(node, 'Add') ? 2 : 1).every((input) => {
      const producer = this.#graph.producer(input);
      return producer !== undefined && this.handsOn(producer);
    });
    const readers = this.#readers(node).filter((reader) => reader !== undefined && this.#readsIntegers(reader));
    const kernel = this.#kernels.get(node);
    if (!fed || kernel === 'QLinearGlobalAveragePool') {
      return fed;
    }
    // A sum that only depthwise convolutions read is the stream of a ConvNeXt, which needs its digits.
    return kernel === 'QLinearAdd'
      ? readers.some((reader) => reader !== undefined && !isDepthwise(this.#graph, reader))
      : readers.length > 0;
  }

  #resultIsInteger(node: NodeProto): boolean {
    const readers = this.#readers(node);
    return (
      this.#wouldTakeIn(node) ||
      readers.every((reader) => reader !== undefined && this.#readsIntegers(reader)) ||
      (this.#recipe.between_linears === 'u8' && readers.every((reader) => isOp(reader, ...ACTIVATIONS)))
    );
  }

  #wouldTakeIn(node: NodeProto): boolean {
    return this.#kernelIs(node, 'QGemm') && onlyConsumerOf(this.#graph, node.output[0], ...TAKEN_IN) !== undefined;
  }

  #readsIntegers(node: NodeProto): boolean {
    return this.#kernels.has(node) && !this.#kernelIs(node, 'DynamicQuantizeMatMul');
  }

  /** The nodes that read a node's output, through Relus that are absorbed; `undefined` for the graph's output. */
  #readers(node: NodeProto): readonly (NodeProto | undefined)[] {
    const output = node.output[0] ?? '';
    const readers = this.#graph
      .consumers(output)
      .flatMap((reader) => (this.absorbs(reader) ? this.#readers(reader) : [reader]));
    return this.#graph.isGraphOutput(output) ? [...readers, undefined] : readers;
  }
}
