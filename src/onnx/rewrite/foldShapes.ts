import { elementTypeOf } from '../elementTypes.ts';
import { type NodeProto, type TensorProto, TensorProto_DataType as DataType } from '../generated/onnx_pb.ts';
import { floatAttribute, floatsAttribute, intAttribute, intsAttribute, opKey, tensorAttribute } from '../node.ts';
import { elementCount } from '../tensor.ts';
import { encodeConstant } from './constants.ts';
import type { GraphEditor } from './graphEditor.ts';
import { hasFixedInputs, labelOf } from './matching.ts';
import type { LeftAlone, Pass } from './pass.ts';
import { setAttribute } from './setAttribute.ts';

/**
 * Turns Constant nodes into initialisers, and likewise whatever small vector or scalar follows from
 * them and from shapes: what exporters write for `x.view(x.size(0), -1)` or for a bias of zeros that
 * is stretched to fit. Nothing that depends on a shape is touched while the batch is open.
 */
export const foldShapes: Pass = {
  name: 'fold_shapes',
  exact: true,
  apply: (graph) => {
    const leftAlone: LeftAlone[] = [];
    let rewritten = 0;
    namePlainCasts(graph);
    const isFixed = hasFixedInputs(graph);
    // All is asked before anything changes, so that it is worked out once.
    const folded = graph.nodes.map((node): readonly [NodeProto, TensorProto | undefined] => [
      node,
      opKey(node) === 'Constant' ? constantOf(node) : isFixed ? numbersOf(graph, node) : undefined,
    ]);
    for (const [node, tensor] of folded) {
      if (tensor !== undefined) {
        graph.setConstant(node.output[0] ?? '', tensor);
        rewritten += 1;
      } else {
        leftAlone.push(...reasonToLeave(node));
      }
    }
    graph.prune();
    return { rewritten, leftAlone };
  },
};

/** A CastLike whose second input has a known type is a Cast, which the other passes know. */
function namePlainCasts(graph: GraphEditor): void {
  const types = graph.nodes
    .filter((node) => opKey(node) === 'CastLike')
    .map((node) => ({ node, to: graph.elementType(node.input[1] ?? '') }));
  for (const { node, to } of types) {
    if (to !== undefined) {
      node.opType = 'Cast';
      node.input = node.input.slice(0, 1);
      setAttribute(node, 'to', { int: to });
    }
  }
  graph.changed();
}

/** What a Constant node stores, in whichever attribute; `undefined` for text and sparse tensors. */
function constantOf(node: NodeProto): TensorProto | undefined {
  const tensor = tensorAttribute(node, 'value');
  if (tensor !== undefined) {
    return tensor;
  }
  const int = intAttribute(node, 'value_int');
  const ints = int === undefined ? intsAttribute(node, 'value_ints') : [int];
  if (ints !== undefined) {
    return encodeConstant('', int === undefined ? [ints.length] : [], BigInt64Array.from(ints, BigInt));
  }
  const float = floatAttribute(node, 'value_float');
  const floats = float === undefined ? floatsAttribute(node, 'value_floats') : [float];
  return floats === undefined
    ? undefined
    : encodeConstant('', float === undefined ? [floats.length] : [], Float32Array.from(floats));
}

/** The numbers a node computes, when they need no run, as a tensor. */
function numbersOf(graph: GraphEditor, node: NodeProto): TensorProto | undefined {
  const [output = '', ...others] = node.output;
  const numbers = graph.numbers(output);
  const dims = graph.shape(output);
  if (numbers === undefined || dims === undefined || others.some((other) => other !== '')) {
    return undefined;
  }
  const type = graph.elementType(output);
  const fits = dims.every((size) => size >= 0) && elementCount(dims) === numbers.length;
  return fits && type !== undefined ? encoded(type, dims, numbers) : undefined;
}

function encoded(type: number, dims: readonly number[], numbers: readonly number[]): TensorProto | undefined {
  const name = elementTypeOf(type)?.name;
  const areIntegers = (most: number): boolean =>
    numbers.every((number) => Number.isInteger(number) && Math.abs(number) <= most);
  if (name === 'int64' && areIntegers(Number.MAX_SAFE_INTEGER)) {
    return encodeConstant('', dims, BigInt64Array.from(numbers, BigInt));
  }
  if (name === 'int32' && areIntegers(2 ** 31 - 1)) {
    return encodeConstant('', dims, Int32Array.from(numbers));
  }
  if (name === 'bool') {
    return encodeConstant(
      '',
      dims,
      Uint8Array.from(numbers, (number) => (number === 0 ? 0 : 1)),
      DataType.BOOL,
    );
  }
  return name === 'float32' ? encodeConstant('', dims, Float32Array.from(numbers)) : undefined;
}

function reasonToLeave(node: NodeProto): readonly LeftAlone[] {
  const reasons: Readonly<Record<string, string>> = {
    Constant: 'it stores text or a sparse tensor',
    Shape: 'the sizes it reads are not known without a run',
  };
  const reason = reasons[opKey(node)];
  return reason === undefined ? [] : [{ node: labelOf(node), reason }];
}
