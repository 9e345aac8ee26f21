import type { NodeProto } from '../generated/onnx_pb.ts';

/** The size of one axis; `undefined` when only the run can tell. */
export type Dim = number | undefined;

/** The sizes of a value's axes; [] is a scalar. */
export type Shape = readonly Dim[];

/** The numbers of a small vector or scalar known before the run: what exporters compute shapes with. */
export interface Folded {
  readonly values: readonly Dim[];
  /** Whether the numbers are integers in the graph, whose division truncates. */
  readonly integer: boolean;
}

/** A node with what is known of its inputs. */
export interface NodeView {
  readonly node: NodeProto;
  /** Version of ONNX's own operator set. */
  readonly opset: number;
  /** Shape of input `index`; `undefined` when unknown or left out. */
  readonly shape: (index: number) => Shape | undefined;
  /** Numbers of input `index`; `undefined` when unknown, left out or not small. */
  readonly folded: (index: number) => Folded | undefined;
}

/** The shapes of a node's outputs, in order; a missing one is unknown. */
export type ShapeRule = (view: NodeView) => readonly (Shape | undefined)[];

/** The rules of some operators, by `opKey`. */
export type ShapeRules = Readonly<Record<string, ShapeRule>>;

/** The numbers of input `index` when all are known. */
export function knownNumbers(view: NodeView, index: number): readonly number[] | undefined {
  const values = view.folded(index)?.values;
  const known = values?.filter((value) => value !== undefined);
  return known?.length === values?.length ? known : undefined;
}

/** `axis` counted from the front; `undefined` when a value of `rank` axes has no such axis. */
export function axisOf(axis: number, rank: number): number | undefined {
  const fromFront = axis < 0 ? axis + rank : axis;
  return fromFront >= 0 && fromFront < rank ? fromFront : undefined;
}

/** The product of `dims`, unknown when one is. */
export function sizeOf(dims: Shape): Dim {
  return dims.reduce((product: Dim, size) => times(product, size), 1);
}

export function times(a: Dim, b: Dim): Dim {
  return a === undefined || b === undefined ? undefined : a * b;
}

/** Whether the node is given an input `index`; optional ones are left out or nameless. */
export function hasInput({ node }: NodeView, index: number): boolean {
  return (node.input[index] ?? '') !== '';
}
