import type {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
  SparseTensorProto,
  TensorProto,
} from './generated/onnx_pb.ts';

/** `graph` and every graph nested in it (the branches of If, the bodies of Loop and Scan). */
export function* graphsIn(graph: GraphProto): Generator<GraphProto> {
  yield graph;
  yield* graphsAt(graph.node);
}

/** Every node that runs, nested graphs included; the bodies of local functions are not unfolded. */
export function* nodesIn(graph: GraphProto): Generator<NodeProto> {
  for (const inner of graphsIn(graph)) {
    yield* inner.node;
  }
}

/** Every node in the bodies of the model's local functions, called or not, nested graphs included. */
export function* functionNodesIn({ functions }: ModelProto): Generator<NodeProto> {
  for (const { node } of functions) {
    yield* node;
    for (const inner of graphsAt(node)) {
      yield* inner.node;
    }
  }
}

/** Every tensor stored in the model's graphs and local functions, whether or not a node uses it. */
export function* tensorsOf(model: ModelProto): Generator<TensorProto> {
  if (model.graph !== undefined) {
    yield* tensorsInGraphs(graphsIn(model.graph));
  }
  for (const { node, attributeProto } of model.functions) {
    yield* attributeProto.flatMap(tensorsAt);
    yield* tensorsAtNodes(node);
    yield* tensorsInGraphs(graphsAt(node));
  }
}

/** The graphs below `nodes`, at any depth; how deep they may nest is bounded when the file is read. */
function* graphsAt(nodes: readonly NodeProto[]): Generator<GraphProto> {
  for (const { attribute } of nodes) {
    for (const { g, graphs } of attribute) {
      for (const graph of g === undefined ? graphs : [g, ...graphs]) {
        yield* graphsIn(graph);
      }
    }
  }
}

function* tensorsInGraphs(graphs: Iterable<GraphProto>): Generator<TensorProto> {
  for (const { initializer, sparseInitializer, node } of graphs) {
    yield* initializer;
    yield* sparseInitializer.flatMap(partsOf);
    yield* tensorsAtNodes(node);
  }
}

function* tensorsAtNodes(nodes: readonly NodeProto[]): Generator<TensorProto> {
  for (const { attribute } of nodes) {
    yield* attribute.flatMap(tensorsAt);
  }
}

function tensorsAt({ t, tensors, sparseTensor, sparseTensors }: AttributeProto): readonly TensorProto[] {
  const dense = t === undefined ? tensors : [t, ...tensors];
  const sparse = sparseTensor === undefined ? sparseTensors : [sparseTensor, ...sparseTensors];
  return [...dense, ...sparse.flatMap(partsOf)];
}

function partsOf({ values, indices }: SparseTensorProto): readonly TensorProto[] {
  return [values, indices].filter((part) => part !== undefined);
}
