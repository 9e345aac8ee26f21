import { clone, create } from '@bufbuild/protobuf';
import { BeltbenchError } from '../../shared/errors.ts';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../generated/onnx_pb.ts';

/** From IR 4 on an initialiser need not be a graph input as well. */
const CONSTANT_INITIALIZERS = 4n;

export interface EditableCopy {
  readonly model: ModelProto;
  readonly graph: GraphProto;
}

/**
 * A copy of all of a model that a pass may change in place; the tensors are shared with it.
 * Initialisers are no inputs in it, which would make them no constants.
 *
 * @throws BeltbenchError `bad_model` for a graph with nested graphs (If, Loop, Scan) or local functions
 */
export function editableCopy(model: ModelProto): EditableCopy {
  const source = model.graph;
  if (source === undefined || model.functions.length > 0 || source.node.some(hasNestedGraph)) {
    throw new BeltbenchError(
      'bad_model',
      'a model with control flow (If, Loop, Scan) or local functions cannot be rewritten: export it for inference with fixed shapes',
    );
  }
  const stored = new Set(source.initializer.map(({ name }) => name));
  const graph = Object.assign(create(GraphProtoSchema), source, {
    node: source.node.map((node) => clone(NodeProtoSchema, node)),
    initializer: [...source.initializer],
    input: copied(source.input.filter(({ name }) => !stored.has(name))),
    output: copied(source.output),
    valueInfo: copied(source.valueInfo),
  });
  return { graph, model: withGraph(model, graph) };
}

/** The model around a copy of `graph` and of whatever else an edit may change. */
export function withGraph(model: ModelProto, graph: GraphProto): ModelProto {
  return Object.assign(create(ModelProtoSchema), model, {
    irVersion: model.irVersion > CONSTANT_INITIALIZERS ? model.irVersion : CONSTANT_INITIALIZERS,
    opsetImport: model.opsetImport.map((entry) => clone(OperatorSetIdProtoSchema, entry)),
    metadataProps: [...model.metadataProps],
    graph,
  });
}

export function copied(infos: readonly ValueInfoProto[]): ValueInfoProto[] {
  return infos.map((info) => clone(ValueInfoProtoSchema, info));
}

function hasNestedGraph({ attribute }: NodeProto): boolean {
  return attribute.some(({ g, graphs }) => g !== undefined || graphs.length > 0);
}
