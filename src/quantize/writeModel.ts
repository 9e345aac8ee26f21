import { createHash } from 'node:crypto';
import { encodeModel } from '../onnx/encode.ts';
import type { ModelProto } from '../onnx/generated/onnx_pb.ts';
import { writeAtomic } from '../store/atomicFile.ts';
import { cannotWrite } from '../store/cannotWrite.ts';

/** What was written: enough to recognise the file later. */
export interface WrittenModel {
  readonly byteLength: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/**
 * Writes `model` to `path`. The file appears whole or not at all, and one that stood there before stays
 * as it was until that moment.
 *
 * @throws BeltbenchError `cannot_write` when the folder does not exist, is read-only or is full.
 */
export async function writeModel(path: string, model: ModelProto): Promise<WrittenModel> {
  const bytes = encodeModel(model);
  await writeAtomic(path, bytes).catch((thrown: unknown) => {
    throw cannotWrite(path, thrown, `name a folder that exists, can be written and has ${bytes.byteLength} bytes free`);
  });
  return { byteLength: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
}
