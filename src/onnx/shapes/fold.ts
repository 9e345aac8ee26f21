import type { NodeProto, TensorProto } from '../generated/onnx_pb.ts';
import { elementTypeOf } from '../elementTypes.ts';
import { floatAttribute, floatsAttribute, intAttribute, intsAttribute, opKey, tensorAttribute } from '../node.ts';
import { elementCount, tensorDims, tensorValues } from '../tensor.ts';
import { cutsOf, indicesOf } from './select.ts';
import { type Dim, type Folded, knownNumbers, type NodeView, sizeOf } from './types.ts';

/** Longer vectors are weights, not shapes. */
const LONGEST = 1024;

type Fold = (view: NodeView) => Folded | undefined;

/** The numbers of a node's first output, when it is a small vector or scalar that needs no run. */
export function foldNode(view: NodeView): Folded | undefined {
  const folded = folds.get(opKey(view.node))?.(view);
  return folded !== undefined && folded.values.length <= LONGEST ? folded : undefined;
}

/** The numbers of a small stored vector or scalar. */
export function foldTensor(tensor: TensorProto): Folded | undefined {
  const type = elementTypeOf(tensor.dataType);
  const dims = tensorDims(tensor);
  const isSmall = dims.length <= 1 && elementCount(dims) <= LONGEST;
  const isNumber = type?.kind === 'integer' || type?.name === 'bool' || type?.name === 'float32';
  if (!isSmall || !isNumber) {
    return undefined;
  }
  return { values: Array.from(tensorValues(tensor), Number), integer: type.kind !== 'float' };
}

const foldConstant: Fold = ({ node }) => {
  const tensor = tensorAttribute(node, 'value');
  if (tensor !== undefined) {
    return foldTensor(tensor);
  }
  const int = intAttribute(node, 'value_int');
  const ints = int === undefined ? intsAttribute(node, 'value_ints') : [int];
  if (ints !== undefined) {
    return { values: ints, integer: true };
  }
  const float = floatAttribute(node, 'value_float');
  const floats = float === undefined ? floatsAttribute(node, 'value_floats') : [float];
  return floats === undefined ? undefined : { values: floats, integer: false };
};

const foldShape: Fold = ({ node, shape }) => {
  const x = shape(0);
  return x === undefined
    ? undefined
    : { values: x.slice(intAttribute(node, 'start') ?? 0, intAttribute(node, 'end') ?? x.length), integer: true };
};

const foldSize: Fold = ({ shape }) => {
  const x = shape(0);
  return x === undefined ? undefined : { values: [sizeOf(x)], integer: true };
};

/** Numbers are kept without their layout, so that what picks and joins them works on one axis only. */
function vector(view: NodeView, index: number): Folded | undefined {
  const rank = view.shape(index)?.length;
  return rank !== undefined && rank <= 1 ? view.folded(index) : undefined;
}

const foldGather: Fold = (view) => {
  const data = vector(view, 0);
  const indices = knownNumbers(view, 1);
  return data === undefined || indices === undefined
    ? undefined
    : { ...data, values: indices.map((index) => data.values.at(index)) };
};

const foldSlice: Fold = (view) => {
  const data = vector(view, 0);
  const cut = cutsOf(view, 1)?.get(0);
  const taken = data === undefined || cut === undefined ? undefined : indicesOf(cut, data.values.length);
  if (data === undefined || taken === undefined) {
    return undefined;
  }
  const { from, step, count } = taken;
  return { ...data, values: Array.from({ length: count }, (_, index) => data.values[from + index * step]) };
};

const foldConcat: Fold = (view) => {
  const parts = view.node.input.map((_, index) => vector(view, index));
  const known = parts.filter((part) => part !== undefined);
  const length = known.reduce((sum, { values }) => sum + values.length, 0);
  return known.length < parts.length || length > LONGEST
    ? undefined
    : { values: known.flatMap(({ values }) => values), integer: known.every(({ integer }) => integer) };
};

const foldCast: Fold = ({ node, folded }) => {
  const data = folded(0);
  const type = elementTypeOf(intAttribute(node, 'to') ?? 0);
  if (type?.name === 'float32') {
    return rounded(mapped(data, Math.fround), false);
  }
  return type?.kind === 'integer' ? rounded(mapped(data, Math.trunc), true) : undefined;
};

function rounded(data: Folded | undefined, integer: boolean): Folded | undefined {
  return data === undefined ? undefined : { ...data, integer };
}

const foldSame: Fold = ({ folded }) => folded(0);

/** Element by element, a scalar stretched to the other's length; floats are rounded to float32, as the run does. */
function foldPairs(compute: (a: number, b: number, integer: boolean) => Dim): Fold {
  return ({ folded }) => {
    const a = folded(0);
    const b = folded(1);
    if (a === undefined || b === undefined) {
      return undefined;
    }
    const integer = a.integer && b.integer;
    const values = stretched([a, b]).map(([x, y]) =>
      x === undefined || y === undefined ? undefined : inType(compute(x, y, integer), integer),
    );
    return { values, integer };
  };
}

function inType(value: Dim, integer: boolean): Dim {
  return value === undefined || integer ? value : Math.fround(value);
}

/** Rows of the operands' values side by side. */
function stretched(operands: readonly Folded[]): readonly (readonly Dim[])[] {
  const length = Math.max(...operands.map(({ values }) => values.length));
  return Array.from({ length }, (_, index) =>
    operands.map(({ values }) => (values.length === 1 ? values[0] : values[index])),
  );
}

const foldWhere: Fold = ({ folded }) => {
  const [condition, whenTrue, whenFalse] = [folded(0), folded(1), folded(2)];
  if (condition === undefined || whenTrue === undefined || whenFalse === undefined) {
    return undefined;
  }
  const values = stretched([condition, whenTrue, whenFalse]).map(([which, yes, no]) =>
    which === undefined ? undefined : which === 0 ? no : yes,
  );
  return { values, integer: whenTrue.integer && whenFalse.integer };
};

const foldConstantOfShape: Fold = (view) => {
  const sizes = knownNumbers(view, 0);
  const tensor = tensorAttribute(view.node, 'value');
  const fill = tensor === undefined ? { values: [0], integer: false } : foldTensor(tensor);
  const length = sizes?.[0] ?? 1;
  if (sizes === undefined || fill === undefined || sizes.length > 1 || !(length >= 0 && length <= LONGEST)) {
    return undefined;
  }
  return { ...fill, values: Array.from({ length }, () => fill.values[0]) };
};

const foldRange: Fold = (view) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => knownNumbers(view, index)?.[0]);
  const integer = view.folded(0)?.integer === true;
  if (start === undefined || limit === undefined || delta === undefined || !integer) {
    return undefined;
  }
  const length = Math.max(0, Math.ceil((limit - start) / delta));
  return length <= LONGEST
    ? { values: Array.from({ length }, (_, index) => start + index * delta), integer }
    : undefined;
};

const foldProduct: Fold = ({ folded }) => {
  const data = folded(0);
  return data?.integer === true ? { ...data, values: [sizeOf(data.values)] } : undefined;
};

/** One number repeated, or the same numbers on other axes; whether it is either follows from the length. */
const foldExpand: Fold = (view) => {
  const data = view.folded(0);
  const sizes = knownNumbers(view, 1);
  const length = sizes === undefined ? undefined : sizeOf(sizes);
  if (data === undefined || length === undefined || !(length <= LONGEST)) {
    return undefined;
  }
  return data.values.length === 1 ? { ...data, values: Array.from({ length }, () => data.values[0]) } : data;
};

const folds: ReadonlyMap<string, Fold> = new Map([
  ['Constant', foldConstant],
  ['Shape', foldShape],
  ['Size', foldSize],
  ['Gather', foldGather],
  ['Slice', foldSlice],
  ['Concat', foldConcat],
  ['Cast', foldCast],
  ['Floor', ({ folded }) => mapped(folded(0), Math.floor)],
  ['Ceil', ({ folded }) => mapped(folded(0), Math.ceil)],
  ['Identity', foldSame],
  ['Reshape', foldSame],
  ['Flatten', foldSame],
  ['Squeeze', foldSame],
  ['Unsqueeze', foldSame],
  ['Add', foldPairs((a, b) => a + b)],
  ['Sub', foldPairs((a, b) => a - b)],
  ['Mul', foldPairs((a, b) => a * b)],
  ['Div', foldPairs((a, b, integer) => (b === 0 ? undefined : integer ? Math.trunc(a / b) : a / b))],
  ['Max', foldPairs((a, b) => Math.max(a, b))],
  ['Min', foldPairs((a, b) => Math.min(a, b))],
  ['Equal', foldPairs((a, b) => (a === b ? 1 : 0))],
  ['Where', foldWhere],
  ['ConstantOfShape', foldConstantOfShape],
  ['Range', foldRange],
  ['ReduceProd', foldProduct],
  ['Expand', foldExpand],
]);

function mapped(data: Folded | undefined, compute: (value: number) => number): Folded | undefined {
  return data === undefined
    ? undefined
    : { ...data, values: data.values.map((value) => (value === undefined ? undefined : compute(value))) };
}

/** The sizes of what a Constant node makes. */
export function constantDims(node: NodeProto): readonly number[] | undefined {
  const tensor = tensorAttribute(node, 'value');
  if (tensor !== undefined) {
    return tensorDims(tensor);
  }
  const list = intsAttribute(node, 'value_ints') ?? floatsAttribute(node, 'value_floats');
  if (list !== undefined) {
    return [list.length];
  }
  const scalar = intAttribute(node, 'value_int') ?? floatAttribute(node, 'value_float');
  return scalar === undefined ? undefined : [];
}
