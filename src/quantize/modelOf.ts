import type { ModelProto } from '../onnx/generated/onnx_pb.ts';
import { readModel } from '../onnx/read.ts';

/** How messages call a model that lies in a temporary file, with more in it than the user's own. */
export const PREPARED_MODEL = 'the prepared model';

/** A model that is in memory already, or the one in a file. */
export async function modelOf(modelOrPath: ModelProto | string): Promise<ModelProto> {
  return typeof modelOrPath === 'string' ? (await readModel(modelOrPath)).model : modelOrPath;
}
