import { attachExternalData, type ExternalFile, sha256Of } from './external.ts';
import { checkTensors } from './checkTensors.ts';
import type { GraphProto, ModelProto } from './generated/onnx_pb.ts';
import { readWholeFile } from './openFile.ts';
import { MOST_BYTES, parseModel } from './parse.ts';

/** An ONNX file that has been read, decoded and checked. */
export interface LoadedModel {
  readonly path: string;
  /** Every tensor holds its own data, external data included. Tensors alias `bytes`: do not write to them. */
  readonly model: ModelProto;
  /** The model's main graph. */
  readonly graph: GraphProto;
  /** The model file as it stands on the disk. */
  readonly bytes: Uint8Array;
  /**
   * Identity of the model, hexadecimal. Without external data: SHA-256 of the file. With it:
   * SHA-256 of the text that `sha256sum` would print for the model file, named "model", and then
   * for each external file, named by its location, in order of location.
   */
  readonly sha256: string;
  /** The model file and its external files together. */
  readonly sizeBytes: number;
  readonly externalFiles: readonly ExternalFile[];
}

/**
 * Reads an ONNX file from anywhere. Sizes are checked before anything is allocated for them.
 *
 * @throws BeltbenchError `bad_model`, on one line, when the file is missing, no ONNX model, cut off,
 *   of absurd size, at odds with itself, or when its external data leave its folder.
 */
export async function readModel(path: string): Promise<LoadedModel> {
  const bytes = await readWholeFile(
    path,
    MOST_BYTES,
    `an ONNX file has at most ${MOST_BYTES} (2 GB, protobuf's limit): name the model file itself`,
  );
  const { model, graph } = parseModel(path, bytes);
  checkTensors(path, model, graph);
  const externalFiles = await attachExternalData(path, model, bytes.length);
  return {
    path,
    model,
    graph,
    bytes,
    sha256: modelDigest(bytes, externalFiles),
    sizeBytes: externalFiles.reduce((total, { sizeBytes }) => total + sizeBytes, bytes.length),
    externalFiles,
  };
}

function modelDigest(bytes: Uint8Array, externalFiles: readonly ExternalFile[]): string {
  const own = sha256Of(bytes);
  if (externalFiles.length === 0) {
    return own;
  }
  const lines = [{ sha256: own, location: 'model' }, ...externalFiles];
  return sha256Of(lines.map(({ sha256, location }) => `${sha256}  ${location}\n`).join(''));
}
