import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { dirname, join, posix, sep, win32 } from 'node:path';
import { reasonOf, reasonWithoutPath } from '../shared/errors.ts';
import { badModel, quoted } from './badModel.ts';
import { tensorNamed, tensorSize } from './checkTensors.ts';
import type { ModelProto, TensorProto } from './generated/onnx_pb.ts';
import { TensorProto_DataLocation as DataLocation } from './generated/onnx_pb.ts';
import { readWholeFile } from './openFile.ts';
import { MOST_BYTES } from './parse.ts';
import { tensorsOf } from './walk.ts';

/** A file beside the model that holds weights of it. */
export interface ExternalFile {
  /** As the model names it: a relative path with forward slashes. */
  readonly location: string;
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/**
 * Gives every tensor stored outside the model file its bytes, as `rawData`, and makes it an
 * ordinary tensor: nothing further on needs to know where it came from, and a model written again
 * is whole. Each external file is read once, in full.
 *
 * A location must lead to a file inside the model file's own folder, symbolic links followed: a
 * model could otherwise read any file of whoever opens it.
 *
 * @param modelBytes size of the model file, which counts towards the limit for all files together.
 * @returns the files used, by location.
 * @throws BeltbenchError `bad_model` when a location leaves the folder or is missing, or when a
 *   tensor's part lies outside its file.
 */
export async function attachExternalData(
  path: string,
  model: ModelProto,
  modelBytes: number,
): Promise<readonly ExternalFile[]> {
  const files = new Map<string, Uint8Array>();
  let room = MOST_BYTES - modelBytes;
  for (const tensor of tensorsOf(model)) {
    if (tensor.dataLocation === DataLocation.EXTERNAL) {
      const reference = externalReference(path, tensor);
      const bytes = files.get(reference.location) ?? (await readExternalFile(path, reference.location, room));
      if (!files.has(reference.location)) {
        files.set(reference.location, bytes);
        room -= bytes.length;
      }
      tensor.rawData = partOf(path, tensor, reference, bytes);
      tensor.dataLocation = DataLocation.DEFAULT;
      tensor.externalData = [];
    }
  }
  return [...files]
    .map(([location, bytes]) => ({ location, sizeBytes: bytes.length, sha256: sha256Of(bytes) }))
    .toSorted((a, b) => (a.location < b.location ? -1 : 1));
}

/** SHA-256 of `content`, hexadecimal. */
export function sha256Of(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

interface Reference {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
}

function externalReference(path: string, tensor: TensorProto): Reference {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  const leaves =
    location === '' ||
    /[\\\0]/.test(location) ||
    posix.isAbsolute(location) ||
    win32.isAbsolute(location) ||
    location.split('/').includes('..') ||
    /^\.\/*$/.test(posix.normalize(location));
  if (leaves) {
    throw badModel(
      path,
      `${tensorNamed(tensor)} keeps its data in ${quoted(location)}; external data must be named by a path inside the model's folder: save the model again with its data beside it`,
    );
  }
  return {
    location: posix.normalize(location),
    offset: byteNumber(path, tensor, entries.get('offset')) ?? 0,
    length: byteNumber(path, tensor, entries.get('length')),
  };
}

function byteNumber(path: string, tensor: TensorProto, text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  if (!/^\d{1,15}$/.test(text)) {
    throw badModel(
      path,
      `${tensorNamed(tensor)} has external data at ${quoted(text)}, which is no number of bytes: save the model again`,
    );
  }
  return Number(text);
}

async function readExternalFile(path: string, location: string, room: number): Promise<Uint8Array> {
  const folder = dirname(path);
  let file: string;
  let root: string;
  try {
    root = await realpath(folder);
    file = await realpath(join(folder, location));
  } catch (error) {
    throw badModel(
      path,
      `its external data ${quoted(location)} cannot be found (${reasonWithoutPath(error)}): copy that file beside the model`,
      { cause: error },
    );
  }
  if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw badModel(
      path,
      `its external data ${quoted(location)} is a link that leaves the model's folder: copy the file itself beside the model`,
    );
  }
  try {
    return await readWholeFile(
      file,
      room,
      `a model and its external data may have ${MOST_BYTES} together: name a classifier that fits`,
    );
  } catch (error) {
    throw badModel(path, `its external data cannot be used: ${reasonOf(error)}`, { cause: error });
  }
}

function partOf(path: string, tensor: TensorProto, { location, offset, length }: Reference, bytes: Uint8Array) {
  const { byteLength, type } = tensorSize(path, tensor);
  if (type.bits === 0) {
    throw badModel(path, `${tensorNamed(tensor)} keeps strings in external data, which ONNX forbids: save it again`);
  }
  if ((length ?? byteLength) !== byteLength || offset + byteLength > bytes.length) {
    throw badModel(
      path,
      `${tensorNamed(tensor)} needs ${byteLength} bytes and names ${length ?? 'all'} at offset ${offset} of ${quoted(location)}, which has ${bytes.length}: copy the file that belongs to this model`,
    );
  }
  return bytes.subarray(offset, offset + byteLength);
}
