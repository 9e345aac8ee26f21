import { create } from '@bufbuild/protobuf';
import {
  type TensorShapeProto_Dimension,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
} from '../generated/onnx_pb.ts';
import { dimsOf } from '../shapes/infer.ts';
import type { GraphEditor } from './graphEditor.ts';
import type { LeftAlone, Pass } from './pass.ts';

/** Of the images that a model takes, in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** An axis that the file leaves open, and what it is to be. */
interface OpenAxis {
  readonly axis: number;
  /** What the file calls the size; `undefined` when it has no name. */
  readonly name: string | undefined;
  /** `undefined`: nobody says it. */
  readonly size: number | undefined;
}

/**
 * Fixes what the file leaves open of its inputs: the batch at 1, that of the line, and the height and
 * width of images at `image`; and wherever else the file declares a size by the same name. Only then
 * do shapes follow from the file. A model that fixes another batch, or leaves more open, is left as
 * it is.
 *
 * @param image `undefined`: a model whose height or width is open is left as it is
 */
export const fixInputs = (image?: ImageSize): Pass => ({
  name: 'fix_inputs',
  exact: true,
  apply: (graph) => {
    const open = graph.inputs.map((input) => ({ input, axes: openAxes(input, image) }));
    const faults = open.flatMap(({ input, axes }) => faultOf(input, axes) ?? []);
    const all = open.flatMap(({ axes }) => axes);
    if (faults.length > 0 || all.length === 0) {
      return { rewritten: 0, leftAlone: faults };
    }
    for (const { input, axes } of open) {
      axes.forEach(({ axis, size }) => setSize(input, axis, size ?? 1));
    }
    const sizes = new Map(all.map(({ name, size }) => [name, size ?? 1]));
    for (const info of graph.declared) {
      for (const [axis, dim] of (dimsOf(info) ?? []).entries()) {
        const size = typeof dim === 'string' ? sizes.get(dim) : undefined;
        if (size !== undefined) {
          setSize(info, axis, size);
        }
      }
    }
    graph.changed();
    declareOutputs(graph);
    return { rewritten: open.filter(({ axes }) => axes.length > 0).length, leftAlone: [] };
  },
});

function openAxes(input: ValueInfoProto, image: ImageSize | undefined): readonly OpenAxis[] {
  const dims = dimsOf(input) ?? [];
  const known = dims.length === 4 ? [1, undefined, image?.height, image?.width] : [1];
  return dims.flatMap((dim, axis) => (typeof dim === 'number' ? [] : [{ axis, name: dim, size: known[axis] }]));
}

function faultOf(input: ValueInfoProto, open: readonly OpenAxis[]): LeftAlone | undefined {
  const dims = dimsOf(input);
  const fault = (reason: string): LeftAlone => ({ node: input.name, reason });
  if (dims === undefined || dims.length === 0) {
    return fault('the file declares no sizes for this input');
  }
  const unknown = open.find(({ size }) => size === undefined);
  if (unknown !== undefined) {
    return fault(
      `the size of axis ${unknown.axis} of this input is open too: export the model with a fixed image size`,
    );
  }
  const twice = open.find(({ name, size }) =>
    open.some((other) => name !== undefined && other.name === name && other.size !== size),
  );
  if (twice !== undefined) {
    return fault(
      `axis ${twice.axis} of this input bears the name of an axis of another size: export the model with a fixed image size`,
    );
  }
  const [batch] = dims;
  return typeof batch === 'number' && batch !== 1
    ? fault(`the file fixes a batch of ${batch}: export the model with batch 1 or an open batch`)
    : undefined;
}

/** Exporters give an open size of an output a name of its own, though it follows from the input's. */
function declareOutputs(graph: GraphEditor): void {
  for (const output of graph.outputs) {
    const shape = graph.shape(output.name);
    const dims = dimsOf(output);
    if (dims !== undefined && dims.length === shape?.length) {
      shape.forEach((size, axis) => setSize(output, axis, size));
    }
  }
}

function setSize({ type }: ValueInfoProto, axis: number, size: number): void {
  const dims: TensorShapeProto_Dimension[] =
    type?.value.case === 'tensorType' ? (type.value.value.shape?.dim ?? []) : [];
  if (axis < dims.length) {
    dims[axis] = create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value: BigInt(size) } });
  }
}
