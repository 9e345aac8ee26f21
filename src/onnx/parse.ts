import { fromBinary } from '@bufbuild/protobuf';
import { reasonOf } from '../shared/errors.ts';
import { badModel } from './badModel.ts';
import { guessFileKind } from './fileKind.ts';
import { type GraphProto, type ModelProto, ModelProtoSchema } from './generated/onnx_pb.ts';
import { scanWire, WireError, type WireLimits } from './wireScan.ts';

/** Protobuf's own limit for one message, and so for an ONNX file. */
export const MOST_BYTES = 2 ** 31 - 1;

const MOST_NODES = 100_000;
const MOST_TENSORS = 100_000;
/** One If or Loop inside another costs three levels: graph, node, attribute. */
const DEEPEST_NESTING = 40;
const MOST_DECODED_BYTES = 2 ** 30;

const limits: WireLimits = {
  depth: DEEPEST_NESTING,
  decodedBytes: MOST_DECODED_BYTES,
  messages: { 'onnx.NodeProto': MOST_NODES, 'onnx.TensorProto': MOST_TENSORS },
};

export interface ParsedModel {
  readonly model: ModelProto;
  readonly graph: GraphProto;
}

/**
 * Decodes the bytes of an ONNX file, which may come from anywhere: what they will cost is counted
 * first. Tensors alias `bytes`. Neither tensors nor external data are looked at; `readModel` does.
 *
 * @param path stands in the messages only.
 * @throws BeltbenchError `bad_model` when the bytes are no ONNX model, or one of absurd size.
 */
export function parseModel(path: string, bytes: Uint8Array): ParsedModel {
  if (bytes.length === 0) {
    throw badModel(path, 'is empty (0 bytes), not an ONNX model: export or copy it again');
  }
  const model = decode(path, bytes);
  const { graph } = model;
  if (graph === undefined || graph.node.length === 0 || graph.output.length === 0) {
    const lacks = graph === undefined ? 'graph' : `graph ${graph.node.length === 0 ? 'nodes' : 'outputs'}`;
    throw badModel(path, `is no ONNX model: it holds no ${lacks}; name a file that torch.onnx.export or alike wrote`);
  }
  if (model.opsetImport.length === 0) {
    throw badModel(path, 'is no complete ONNX model: it says no opset version (opset_import); export or copy it again');
  }
  return { model, graph };
}

function decode(path: string, bytes: Uint8Array): ModelProto {
  try {
    scanWire(ModelProtoSchema, bytes, limits);
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw badModel(path, faultOf(error, bytes), { cause: error });
  }
}

function faultOf(error: unknown, bytes: Uint8Array): string {
  const reason = reasonOf(error);
  const fault = error instanceof WireError ? error.fault : 'malformed';
  const wayOut = {
    too_deep: `${reason}, which no exporter does: simplify its control flow or export it again`,
    too_many: `${reason}, too many for a classifier: name the right file or simplify the model`,
    too_large: `${reason}: name the right file, or save its tensors as raw_data (onnx.numpy_helper.from_array)`,
    truncated: `is cut off: it ${reason}; copy or export it again`,
    malformed: `is no ONNX model (${reason}): name a .onnx file, or export it again if it is damaged`,
  }[fault];
  const guess = fault === 'truncated' || fault === 'malformed' ? guessFileKind(bytes) : undefined;
  return guess === undefined ? wayOut : `is no ONNX model but ${guess}`;
}
