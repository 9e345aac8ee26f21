import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from '../generated/onnx_pb.ts';
import { opKey } from '../node.ts';
import { tensorDims } from '../tensor.ts';
import { foldNode, foldTensor } from './fold.ts';
import { shapeRuleOf } from './rules.ts';
import { type Dim, type Folded, type NodeView, type Shape, sizeOf } from './types.ts';

/** No tensor of a classifier has more axes; what claims to is not followed. */
const MOST_AXES = 64;

/** What is known, without a run, of the values in a model's main graph. */
export interface InferredShapes {
  /** Shape of the value `name`; `undefined` when not even its number of axes is known. */
  readonly shapeOf: (name: string) => Shape | undefined;
  /** The numbers of a small vector or scalar, such as a shape that the graph computes, when all are known. */
  readonly numbersOf: (name: string) => readonly number[] | undefined;
  readonly viewOf: (node: NodeProto) => NodeView;
}

/**
 * Infers the shapes of the main graph's values from its inputs, in the graph's own order. A batch
 * size that is not fixed counts as 1: the first axis of the inputs, and every axis of its name.
 * Where a rule is missing, what the file itself says of the value (`value_info`) is taken; it only
 * fills gaps, because tools that change an input's size leave the old one standing there.
 */
export function inferShapes(model: ModelProto, graph: GraphProto): InferredShapes {
  const opset = Number(model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 1n);
  const shapes = new Map<string, Shape>();
  const numbers = new Map<string, Folded>();
  for (const tensor of graph.initializer) {
    keep(shapes, tensor.name, tensorDims(tensor));
    keep(numbers, tensor.name, foldTensor(tensor));
  }
  for (const { values, dims } of graph.sparseInitializer) {
    keep(shapes, values?.name ?? '', dims.map(Number));
  }
  const declare = declaredShapes(graph, new Set(shapes.keys()));
  for (const { name } of graph.input) {
    keep(shapes, name, shapes.get(name) ?? declare(name));
  }

  const viewOf = (node: NodeProto): NodeView => ({
    node,
    opset,
    shape: (index) => shapes.get(node.input[index] ?? ''),
    folded: (index) => numbers.get(node.input[index] ?? ''),
  });
  for (const node of graph.node) {
    const view = viewOf(node);
    const inferred = shapeRuleOf(opKey(node))?.(view) ?? [];
    for (const [index, name] of node.output.entries()) {
      keep(shapes, name, merged(inferred[index], declare(name)));
    }
    const output = node.output[0] ?? '';
    const folded = foldNode(view);
    if (folded !== undefined && fitsInto(folded, shapes.get(output))) {
      keep(numbers, output, folded);
    }
  }
  const numbersOf = (name: string): readonly number[] | undefined => {
    const values = numbers.get(name)?.values;
    const known = values?.filter((value) => value !== undefined);
    return known?.length === values?.length ? known : undefined;
  };
  return { shapeOf: (name) => shapes.get(name), numbersOf, viewOf };
}

function keep<Fact extends Shape | Folded>(facts: Map<string, Fact>, name: string, fact: Fact | undefined): void {
  const fits = fact !== undefined && (!Array.isArray(fact) || fact.length <= MOST_AXES);
  if (name !== '' && fits) {
    facts.set(name, fact);
  }
}

/** Folding knows no axes: numbers that were stretched along several of them are too few. */
function fitsInto({ values }: Folded, shape: Shape | undefined): boolean {
  const count = shape === undefined ? undefined : sizeOf(shape);
  return count === undefined || count === values.length;
}

function merged(inferred: Shape | undefined, declared: Shape | undefined): Shape | undefined {
  if (inferred === undefined || declared?.length !== inferred.length) {
    return inferred ?? declared;
  }
  return inferred.map((size, axis) => size ?? declared[axis]);
}

/** The shapes the file declares, with its batch axis, if symbolic, set to 1. */
function declaredShapes(graph: GraphProto, initialised: ReadonlySet<string>): (name: string) => Shape | undefined {
  const declared = new Map(
    [...graph.valueInfo, ...graph.output, ...graph.input].map((info): [string, ValueInfoProto] => [info.name, info]),
  );
  const inputs = new Set(graph.input.map(({ name }) => name).filter((name) => !initialised.has(name)));
  const batchNames = new Set(
    [...inputs].map((name) => dimsOf(declared.get(name))?.[0]).filter((dim) => typeof dim === 'string'),
  );
  return (name) =>
    dimsOf(declared.get(name))?.map((dim, axis): Dim => {
      if (typeof dim === 'number') {
        return dim;
      }
      const isBatch = (axis === 0 && inputs.has(name)) || (dim !== undefined && batchNames.has(dim));
      return isBatch ? 1 : undefined;
    });
}

/** The axes a value is declared with: sizes, names, or `undefined` for neither; `undefined` when none are declared. */
export function dimsOf(info: ValueInfoProto | undefined): readonly (number | string | undefined)[] | undefined {
  const type = info?.type?.value;
  if (type?.case !== 'tensorType' || type.value.shape === undefined) {
    return undefined;
  }
  return type.value.shape.dim.map(({ value }) => {
    if (value.case === 'dimValue') {
      return value.value < 0n ? undefined : Number(value.value);
    }
    return value.case === 'dimParam' && value.value !== '' ? value.value : undefined;
  });
}
