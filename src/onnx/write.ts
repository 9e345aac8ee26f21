import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';
import { ModelProtoSchema, type ModelProto } from './generated/onnx_pb.ts';

/** What was written: enough to recognise the file later. */
export interface WrittenModel {
  readonly byteLength: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The bytes of an ONNX file. The same model always gives the same bytes. */
export function encodeModel(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}

/**
 * Writes `model` to `path`. The file appears whole or not at all: the bytes go to a temporary file
 * in the same folder, reach the disk, and only then take the name; a file that stood there before
 * stays as it was until that moment.
 *
 * @throws BeltbenchError `cannot_write` when the folder does not exist, is read-only or is full.
 */
export async function writeModel(path: string, model: ModelProto): Promise<WrittenModel> {
  const bytes = encodeModel(model);
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new BeltbenchError(
      'cannot_write',
      `cannot write the model ${path} (${reasonOf(error)}): name a folder that exists, can be written and has ${bytes.byteLength} bytes free`,
      { cause: error },
    );
  }
  return { byteLength: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
}
