import type { GraphProto, NodeProto } from '../../onnx/generated/onnx_pb.ts';
import { opKey } from '../../onnx/node.ts';

/**
 * What the runtime adds to the name of a node that it replaces: a number for another layout
 * (`Conv_1_token_7`), the optimizer's name for a product that took in its bias, a word for one that
 * took in a Relu (`fused Gemm_1`).
 */
const RENAMED = /^fused |(?:_token_\d+|\/MatMulAddFusion)$/;

/** Operators of integers whatever their inputs are; their names are those of `opKey`. */
const INTEGER_RESULT = /^(?:QuantizeLinear|(?:com\.microsoft\.)?QLinear\w+)$/;

/** Operators that hand on what they are given, of whatever type it is. */
const PASSING = new Set([
  'Expand',
  'Flatten',
  'Gather',
  'MaxPool',
  'Reshape',
  'Slice',
  'Split',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
  'com.microsoft.NhwcMaxPool',
]);

/** QGemm's input that is only there when it answers integers. */
const QGEMM_OUTPUT_SCALE = 7;

/** The graph that the runtime runs, beside the file that it was made from. */
export class OptimizedGraph {
  readonly nodes: readonly NodeProto[];
  readonly #file: GraphProto;
  readonly #byOldName = new Map<string, NodeProto[]>();
  readonly #producers = new Map<string, NodeProto>();
  readonly #stored: ReadonlySet<string>;

  constructor(file: GraphProto, optimized: GraphProto) {
    this.#file = file;
    this.nodes = optimized.node;
    this.#stored = new Set(optimized.initializer.map(({ name }) => name));
    const names = new Set(file.node.map(({ name }) => name));
    for (const node of optimized.node) {
      const oldName = originOf(node.name, names);
      this.#byOldName.set(oldName, [...(this.#byOldName.get(oldName) ?? []), node]);
      for (const output of node.output) {
        this.#producers.set(output, node);
      }
    }
  }

  /** The node of the file that bears `name`. */
  inFile(name: string): NodeProto | undefined {
    return this.#file.node.find((node) => node.name === name);
  }

  /**
   * What became of a node of the file: the nodes that bear its name, with what the runtime adds to it,
   * or make its output, rounded or not.
   */
  successorsOf(node: NodeProto): readonly NodeProto[] {
    const outputs = node.output.flatMap((value) => [value, ...this.#roundedForms(value)]);
    const makers = outputs.map((value) => this.#producers.get(value)).filter((maker) => maker !== undefined);
    return [
      ...new Set([
        ...(this.#byOldName.get(node.name) ?? []),
        ...makers.filter(({ opType }) => opType !== 'QuantizeLinear' && opType !== 'DequantizeLinear'),
      ]),
    ];
  }

  /** A DequantizeLinear that turns stored integers into floats, on every run. */
  get dequantizedWeight(): NodeProto | undefined {
    return this.nodes.find((node) => opKey(node) === 'DequantizeLinear' && this.#stored.has(node.input[0] ?? ''));
  }

  /** Whether a value flows as integers. */
  isInteger(value: string | undefined): boolean {
    for (let node = this.#producers.get(value ?? ''); node !== undefined;) {
      const op = opKey(node);
      if (INTEGER_RESULT.test(op)) {
        return true;
      }
      if (op === 'com.microsoft.QGemm') {
        return (node.input[QGEMM_OUTPUT_SCALE] ?? '') !== '';
      }
      if (!PASSING.has(op)) {
        return false;
      }
      node = this.#producers.get(node.input[0] ?? '');
    }
    return false;
  }

  #roundedForms(value: string): readonly string[] {
    return this.#file.node
      .filter(({ opType, input }) => opType === 'QuantizeLinear' && input[0] === value)
      .flatMap(({ output }) => output);
  }
}

function originOf(name: string, names: ReadonlySet<string>): string {
  let origin = name;
  while (!names.has(origin) && RENAMED.test(origin)) {
    origin = origin.replace(RENAMED, '');
  }
  return origin;
}
