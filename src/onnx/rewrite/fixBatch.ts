import { create } from '@bufbuild/protobuf';
import {
  type TensorShapeProto_Dimension,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
} from '../generated/onnx_pb.ts';
import { dimsOf } from '../shapes/infer.ts';
import type { GraphEditor } from './graphEditor.ts';
import type { LeftAlone, Pass } from './pass.ts';

/**
 * Fixes a batch that the file leaves open at 1, the batch of the line: in the inputs, and wherever
 * else the file declares a size by the same name. Only then do shapes follow from the file. A model
 * that fixes another batch, or leaves more open than the batch, is left as it is.
 */
export const fixBatch: Pass = {
  name: 'fix_batch',
  exact: true,
  apply: (graph) => {
    const faults = graph.inputs.map(faultOf).filter((fault) => fault !== undefined);
    const open = graph.inputs.filter((input) => typeof dimsOf(input)?.[0] !== 'number');
    if (faults.length > 0 || open.length === 0) {
      return { rewritten: 0, leftAlone: faults };
    }
    const names = new Set(open.map((input) => dimsOf(input)?.[0]).filter((name) => typeof name === 'string'));
    open.forEach((input) => setSize(input, 0, 1));
    for (const info of graph.declared) {
      for (const [axis, dim] of (dimsOf(info) ?? []).entries()) {
        if (typeof dim === 'string' && names.has(dim)) {
          setSize(info, axis, 1);
        }
      }
    }
    graph.changed();
    declareOutputs(graph);
    return { rewritten: open.length, leftAlone: [] };
  },
};

function faultOf(input: ValueInfoProto): LeftAlone | undefined {
  const dims = dimsOf(input);
  const fault = (reason: string): LeftAlone => ({ node: input.name, reason });
  if (dims === undefined || dims.length === 0) {
    return fault('the file declares no sizes for this input');
  }
  const [batch, ...sizes] = dims;
  const axis = sizes.findIndex((size) => typeof size !== 'number');
  if (axis >= 0) {
    return fault(`the size of axis ${axis + 1} of this input is open too: export the model with a fixed image size`);
  }
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
