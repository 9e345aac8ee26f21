import type { GraphProto, ModelProto, SparseTensorProto, TensorProto } from './generated/onnx_pb.ts';
import { TensorProto_DataLocation as DataLocation } from './generated/onnx_pb.ts';
import { badModel, quoted } from './badModel.ts';
import { elementTypeOf, type ElementType } from './elementTypes.ts';
import { MOST_BYTES } from './parse.ts';
import { elementCount, tensorDims } from './tensor.ts';
import { graphsIn, tensorsOf } from './walk.ts';

/**
 * Checks that every tensor of the model has exactly the data its type and sizes ask for, so that
 * nothing that reads one allocates more than the file holds.
 *
 * @throws BeltbenchError `bad_model` naming the first tensor that does not.
 */
export function checkTensors(path: string, model: ModelProto, graph: GraphProto): void {
  for (const tensor of tensorsOf(model)) {
    const { byteLength, type, count } = tensorSize(path, tensor);
    if (tensor.dataLocation !== DataLocation.EXTERNAL) {
      checkData(path, tensor, { byteLength, type, count });
    }
  }
  for (const { sparseInitializer } of graphsIn(graph)) {
    for (const sparse of sparseInitializer) {
      checkSparse(path, sparse);
    }
  }
}

export interface TensorSize {
  readonly type: ElementType;
  readonly count: number;
  /** Bytes as raw_data; 0 for strings. */
  readonly byteLength: number;
}

/** @throws BeltbenchError `bad_model` when type or sizes are impossible. */
export function tensorSize(path: string, tensor: TensorProto): TensorSize {
  const type = elementTypeOf(tensor.dataType);
  if (type === undefined) {
    throw badModel(path, `${tensorNamed(tensor)} has the unknown element type ${tensor.dataType}: export it again`);
  }
  const dims = tensorDims(tensor);
  const count = elementCount(dims);
  const byteLength = Math.ceil((count * type.bits) / 8);
  // A size of 0 would hide absurd ones beside it from the product.
  if (dims.some((size) => size < 0 || size > MOST_BYTES) || count > MOST_BYTES || byteLength > MOST_BYTES) {
    throw badModel(
      path,
      `${tensorNamed(tensor)} has the impossible shape ${shapeText(dims)} (sizes from 0, at most ${MOST_BYTES} bytes): export the model again`,
    );
  }
  return { type, count, byteLength };
}

function checkData(path: string, tensor: TensorProto, { type, count, byteLength }: TensorSize): void {
  const wanted = `its shape ${shapeText(tensorDims(tensor))} of ${type.name} needs`;
  if (tensor.rawData.length > 0 && type.bits > 0) {
    if (tensor.rawData.length !== byteLength) {
      throw badModel(
        path,
        `${tensorNamed(tensor)} holds ${tensor.rawData.length} bytes where ${wanted} ${byteLength}: export the model again`,
      );
    }
    return;
  }
  const entries = tensor[type.field].length;
  const wantedEntries = Math.ceil(count * type.entriesPerElement);
  if (entries !== wantedEntries) {
    throw badModel(
      path,
      `${tensorNamed(tensor)} holds ${entries} values where ${wanted} ${wantedEntries}: export the model again`,
    );
  }
}

/** A sparse initialiser is made dense when it is loaded, so its dense size counts. */
function checkSparse(path: string, { values, dims }: SparseTensorProto): void {
  if (values !== undefined) {
    const dense: TensorProto = { ...values, dims };
    tensorSize(path, dense);
  }
}

function shapeText(dims: readonly number[]): string {
  return `[${dims.slice(0, 8).join(', ')}${dims.length > 8 ? ', …' : ''}]`;
}

/** The tensor as a message names it. */
export function tensorNamed(tensor: TensorProto): string {
  return tensor.name === '' ? 'an unnamed tensor' : `tensor ${quoted(tensor.name)}`;
}
