import { create } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataType as DataType,
  ValueInfoProtoSchema,
} from '../generated/onnx_pb.ts';

/**
 * The model with float values of its main graph as further outputs, so that a run hands them out.
 * Their shapes are left to the runtime. Graph inputs and values that are outputs already need no
 * tap and get none. The tensors are shared with `model`, which is left as it is.
 *
 * @throws Error when a value is none that a node of the graph computes
 */
export function addTaps(model: ModelProto, values: readonly string[]): ModelProto {
  const graph = model.graph ?? create(GraphProtoSchema);
  const untapped = new Set([...graph.input, ...graph.output].map(({ name }) => name));
  const computed = new Set(graph.node.flatMap(({ output }) => output));
  const taps = [...new Set(values)].filter((name) => !untapped.has(name));
  for (const name of taps) {
    if (!computed.has(name)) {
      throw new Error(`no node of the graph computes ${name}`);
    }
  }
  return Object.assign(create(ModelProtoSchema), model, {
    graph: Object.assign(create(GraphProtoSchema), graph, {
      output: [
        ...graph.output,
        ...taps.map((name) =>
          create(ValueInfoProtoSchema, {
            name,
            type: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT } } },
          }),
        ),
      ],
    }),
  });
}
