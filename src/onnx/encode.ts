import { toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type ModelProto } from './generated/onnx_pb.ts';

/** The bytes of an ONNX file. The same model always gives the same bytes. */
export function encodeModel(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}
