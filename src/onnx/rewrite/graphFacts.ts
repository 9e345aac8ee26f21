import type { GraphProto, ModelProto } from '../generated/onnx_pb.ts';
import { inferShapes, type InferredShapes } from '../shapes/infer.ts';
import { elementTypeOfOutput } from './elementTypeRules.ts';

/** What follows, without a run, from a graph as it stands: a snapshot, worked out when first asked for. */
export class GraphFacts {
  readonly #model: ModelProto;
  readonly #graph: GraphProto;
  #shapes: InferredShapes | undefined;
  #types: ReadonlyMap<string, number> | undefined;

  /** `graph` with its initialisers and its nodes in topological order. */
  constructor(model: ModelProto, graph: GraphProto) {
    this.#model = model;
    this.#graph = graph;
  }

  /** All sizes of a value; a batch that is left free counts as 1. */
  shape(value: string): readonly number[] | undefined {
    const shape = this.#inferred().shapeOf(value);
    const known = shape?.filter((dim) => dim !== undefined);
    return known !== undefined && known.length === shape?.length ? known : undefined;
  }

  numbers(value: string): readonly number[] | undefined {
    return this.#inferred().numbersOf(value);
  }

  /** ONNX's number for the type of a value: stored, following from what computes it, or declared by the file. */
  elementType(value: string): number | undefined {
    this.#types ??= elementTypesOf(this.#graph);
    return this.#types.get(value);
  }

  #inferred(): InferredShapes {
    this.#shapes ??= inferShapes(this.#model, this.#graph);
    return this.#shapes;
  }
}

function elementTypesOf({ initializer, input, output, valueInfo, node: nodes }: GraphProto): Map<string, number> {
  const types = new Map<string, number>();
  for (const { name, type } of [...valueInfo, ...output, ...input]) {
    if (type?.value.case === 'tensorType' && type.value.value.elemType !== 0) {
      types.set(name, type.value.value.elemType);
    }
  }
  initializer.forEach(({ name, dataType }) => types.set(name, dataType));
  for (const node of nodes) {
    const name = node.output[0] ?? '';
    const type = elementTypeOfOutput(node, (index) => types.get(node.input[index] ?? ''));
    if (type !== undefined && name !== '') {
      types.set(name, type);
    }
  }
  return types;
}
