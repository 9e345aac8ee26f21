import type { NodeProto } from '../../onnx/generated/onnx_pb.ts';
import { opKey } from '../../onnx/node.ts';
import type { GraphEditor } from '../../onnx/rewrite/graphEditor.ts';
import type { ActivationParams } from '../activationParams.ts';
import type { QuantizationPlan } from '../plan.ts';

interface ParamNames {
  readonly scale: string;
  readonly zeroPoint: string;
}

/**
 * The values of a graph that stand as integers: each is rounded by one QuantizeLinear, and whoever
 * reads it has a DequantizeLinear of its own.
 */
export class RoundedValues {
  readonly #graph: GraphEditor;
  readonly #plan: QuantizationPlan;
  readonly #params: ReadonlyMap<string, ActivationParams>;
  readonly #type: 'u8' | 's8';
  /** What a Relu or Clip that the integers' range replaces was given, by its output. */
  readonly #unbounded: ReadonlyMap<string, string>;
  readonly #integers = new Map<string, string>();
  readonly #paramNames = new Map<string, ParamNames>();

  constructor(
    graph: GraphEditor,
    plan: QuantizationPlan,
    params: ReadonlyMap<string, ActivationParams>,
    type: 'u8' | 's8',
    unbounded: ReadonlyMap<string, string>,
  ) {
    this.#graph = graph;
    this.#plan = plan;
    this.#params = params;
    this.#type = type;
    this.#unbounded = unbounded;
  }

  /** @throws Error when calibration gave the value's range none */
  paramsOf(value: string): ActivationParams {
    const params = this.#params.get(this.#rangeOf(value));
    if (params === undefined) {
      throw new Error(`no range was calibrated for ${value}`);
    }
    return params;
  }

  /** The name of a float that was rounded to 8 bits, for one reader alone. */
  read(value: string): string {
    const { scale, zeroPoint } = this.#namesOf(value);
    return this.#graph.addNode({
      opType: 'DequantizeLinear',
      inputs: [this.#rounded(value), scale, zeroPoint],
      hint: `${value}_dequantized`,
    });
  }

  /** Lets everything that still reads the value as it was computed, and the graph's output, read it rounded. */
  replace(value: string): void {
    const rounding = this.#graph.producer(this.#rounded(value));
    const others = this.#graph.consumers(value).filter((reader) => reader !== rounding);
    const guarded = others.filter((reader) => couldBeRounded(this.#graph, reader));
    if (guarded.length > 0) {
      const floats = this.#readGuarded(value);
      for (const reader of guarded) {
        reader.input.forEach((input, index) => input === value && this.#graph.setInput(reader, index, floats));
      }
    }
    if (others.length > guarded.length || this.#graph.isGraphOutput(value)) {
      this.#graph.replaceUses(value, this.read(value), rounding === undefined ? [] : [rounding]);
    }
  }

  /**
   * For nodes with weights that stay float although their output is rounded: behind one scale per
   * tensor the runtime would round the weights itself, coarsely and against the plan
   * (WeightBiasQuantization). The same scale for each channel keeps it from that.
   */
  #readGuarded(value: string): string {
    const { scale, zeroPoint } = this.paramsOf(value);
    const shape = this.#graph.shape(value) ?? [];
    const axis = shape.findIndex((size, index) => size > 1 && (index > 0 || shape.length === 2));
    const size = shape[axis];
    if (size === undefined) {
      return this.read(value);
    }
    return this.#graph.addNode({
      opType: 'DequantizeLinear',
      inputs: [
        this.#rounded(value),
        this.#graph.addFloats(`${value}_scales`, [size], new Float32Array(size).fill(scale)),
        this.#graph.addConstant(`${value}_zero_points`, [size], this.#integersOf(size, zeroPoint)),
      ],
      attributes: { axis: { int: axis } },
      hint: `${value}_dequantized`,
    });
  }

  #rounded(value: string): string {
    const known = this.#integers.get(value);
    if (known !== undefined) {
      return known;
    }
    const { scale, zeroPoint } = this.#namesOf(value);
    let source = value;
    for (let given = this.#unbounded.get(source); given !== undefined; given = this.#unbounded.get(source)) {
      source = given;
    }
    const inputs = [source, scale, zeroPoint];
    const integers = this.#graph.addNode({ opType: 'QuantizeLinear', inputs, hint: `${value}_quantized` });
    this.#integers.set(value, integers);
    return integers;
  }

  #namesOf(value: string): ParamNames {
    const range = this.#rangeOf(value);
    const known = this.#paramNames.get(range);
    if (known !== undefined) {
      return known;
    }
    const { scale, zeroPoint } = this.paramsOf(value);
    const names = {
      scale: this.#graph.addFloats(`${range}_scale`, [], Float32Array.of(scale)),
      zeroPoint: this.#graph.addConstant(`${range}_zero_point`, [], this.#integersOf(1, zeroPoint)),
    };
    this.#paramNames.set(range, names);
    return names;
  }

  #integersOf(size: number, integer: number): Uint8Array | Int8Array {
    return this.#type === 'u8' ? new Uint8Array(size).fill(integer) : new Int8Array(size).fill(integer);
  }

  #rangeOf(value: string): string {
    return this.#plan.rangeOf.get(value) ?? value;
  }
}

const WITH_WEIGHTS = new Set(['Conv', 'ConvTranspose', 'Gemm']);
const PASSING_ON = new Set(['MaxPool', 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze']);
const BOUNDING = new Set(['Relu', 'Clip']);

/**
 * Whether a node has weights that the runtime would round: something rounds its output. It may stand
 * behind nodes that only pass values on; the runtime moves roundings past those.
 */
function couldBeRounded(graph: GraphEditor, node: NodeProto): boolean {
  const readers = graph.consumers(node.output[0] ?? '');
  const op = opKey(node);
  return WITH_WEIGHTS.has(op)
    ? readers.some((reader) => isRounded(graph, reader))
    : PASSING_ON.has(op) && readers.some((reader) => couldBeRounded(graph, reader));
}

function isRounded(graph: GraphEditor, reader: NodeProto): boolean {
  const op = opKey(reader);
  const readers = PASSING_ON.has(op) || BOUNDING.has(op) ? graph.consumers(reader.output[0] ?? '') : [];
  return op === 'QuantizeLinear' || readers.some((next) => isRounded(graph, next));
}
