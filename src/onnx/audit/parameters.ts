import { type Constant, constantsIn } from './constants.ts';
import { elementTypeOf } from '../elementTypes.ts';
import type { GraphProto, NodeProto } from '../generated/onnx_pb.ts';
import { isInt8 } from './int8.ts';
import { intAttribute, opKey } from '../node.ts';
import { type Operand, operandOf } from './operands.ts';
import { elementCount } from '../tensor.ts';
import { nodesIn } from '../walk.ts';

/** A stored tensor that the network learnt. */
export interface Parameter extends Constant {
  /** How many numbers were learnt; more than the stored elements where several share a byte. */
  readonly count: number;
  /** Whether they are stored as 8-bit integers. */
  readonly isInt8: boolean;
}

/**
 * The model's parameters: stored tensors of floats or of integers of at most 8 bits that a node
 * computes with, and int32 biases of quantised operators. Not counted are scales and zero points,
 * scalars (epsilons, exponents), other integers (shapes, axes, indices), the regions and scales of
 * Resize, and tensors no node reads. A tensor that several nodes share counts once; names that a
 * nested graph hides are not told apart.
 */
export function parametersOf(graph: GraphProto): readonly Parameter[] {
  const uses = usesIn(graph);
  return [...constantsIn(graph)].flatMap((constant) => {
    const used = uses.get(constant.name);
    if (used === undefined || !isParameter(constant, used)) {
      return [];
    }
    const bits = used.packedBits ?? 8;
    return [
      {
        ...constant,
        count: elementCount(constant.dims) * (8 / bits),
        isInt8: isInt8(constant.tensor.dataType) && bits === 8,
      },
    ];
  });
}

interface Uses {
  readonly operands: Set<Operand>;
  /** Bits per number, where MatMulNBits packs them into bytes. */
  packedBits: number | undefined;
}

function usesIn(graph: GraphProto): ReadonlyMap<string, Uses> {
  const uses = new Map<string, Uses>();
  for (const node of nodesIn(graph)) {
    for (const [index, name] of node.input.entries()) {
      const use = uses.get(name) ?? { operands: new Set(), packedBits: undefined };
      use.operands.add(operandOf(node, index));
      use.packedBits ??= index === 1 ? packedBitsOf(node) : undefined;
      uses.set(name, use);
    }
  }
  return uses;
}

function packedBitsOf(node: NodeProto): number | undefined {
  if (opKey(node) !== 'com.microsoft.MatMulNBits') {
    return undefined;
  }
  const bits = intAttribute(node, 'bits') ?? 4;
  return bits === 2 || bits === 4 ? bits : 8;
}

function isParameter({ dims, tensor }: Constant, { operands }: Uses): boolean {
  const type = elementTypeOf(tensor.dataType);
  if (dims.length === 0 || type === undefined || !(operands.has('data') || operands.has('quantized'))) {
    return false;
  }
  const isSmallInteger = type.kind === 'integer' && type.bits <= 8;
  const isBias = type.name === 'int32' && operands.has('quantized');
  return type.kind === 'float' || isSmallInteger || isBias;
}
