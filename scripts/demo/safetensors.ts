import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import type { Weights } from '../../src/onnx/architectures/weights.ts';
import type { Float32Tensor } from '../../src/onnx/graph.ts';
import { elementCount } from '../../src/onnx/tensor.ts';
import { BeltbenchError, reasonOf } from '../../src/shared/errors.ts';

/** The shipped files are under 2 MB; whatever is far larger is another file. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const HEADER_LENGTH_BYTES = 8;
const BYTES_PER_VALUE = 2;

const entrySchema = z.strictObject({
  dtype: z.literal('F16'),
  shape: z.array(z.int().min(1)).max(8),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const headerSchema = z.record(z.string(), z.unknown());

export interface WeightsFile {
  readonly weights: Weights;
  /** Of the whole file, hexadecimal. */
  readonly sha256: string;
}

/**
 * Reads a safetensors file of half-precision tensors; every value is exact in float32.
 *
 * @throws BeltbenchError `bad_model` when the file is missing, too large or no such file.
 */
export async function readSafetensors(path: string): Promise<WeightsFile> {
  const bytes = await readBounded(path);
  return { weights: parseSafetensors(bytes, path), sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * The format: the header's length as 8 bytes little-endian, the header as JSON (name to type, shape
 * and byte range), then the tensors' bytes without a gap.
 *
 * @param source names the bytes in messages.
 * @throws BeltbenchError `bad_model` when the bytes are anything else, a tensor is not F16, or a
 * weight is NaN or infinite.
 */
export function parseSafetensors(bytes: Uint8Array, source: string): Weights {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_LENGTH_BYTES) {
    throw broken(source, `it has ${bytes.length} bytes and a safetensors file starts with ${HEADER_LENGTH_BYTES}`);
  }
  const headerLength = view.getBigUint64(0, true);
  const dataStart = HEADER_LENGTH_BYTES + Number(headerLength);
  if (headerLength > BigInt(bytes.length - HEADER_LENGTH_BYTES)) {
    throw broken(source, `its header claims ${headerLength} bytes and the file has ${bytes.length}`);
  }
  const header = parseHeader(bytes.subarray(HEADER_LENGTH_BYTES, dataStart), source);
  const dataLength = bytes.length - dataStart;

  const weights = new Map<string, Float32Tensor>();
  let end = 0;
  for (const { name, shape, begin, next } of header.toSorted((a, b) => a.begin - b.begin)) {
    const size = elementCount(shape);
    if (begin !== end || next > dataLength || next - begin !== size * BYTES_PER_VALUE) {
      throw broken(
        source,
        `the tensor ${name} of shape [${shape.join(', ')}] claims the bytes ${begin} to ${next} of ${dataLength}, expected ${size * BYTES_PER_VALUE} bytes from ${end}`,
      );
    }
    const data = new Float32Array(size);
    for (let index = 0; index < size; index += 1) {
      data[index] = halfToNumber(view.getUint16(dataStart + begin + index * BYTES_PER_VALUE, true));
    }
    if (!data.every(Number.isFinite)) {
      throw broken(source, `the tensor ${name} holds a weight that is not finite`);
    }
    weights.set(name, { dims: shape, data });
    end = next;
  }
  if (end !== dataLength) {
    throw broken(source, `${dataLength - end} bytes at its end belong to no tensor`);
  }
  return weights;
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  /** Byte range after the header. */
  readonly begin: number;
  readonly next: number;
}

function parseHeader(bytes: Uint8Array, source: string): Entry[] {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw broken(source, `its header is no JSON (${reasonOf(error)})`);
  }
  const header = headerSchema.safeParse(json);
  if (!header.success) {
    throw broken(source, 'its header is no JSON object');
  }
  return Object.entries(header.data)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => {
      const entry = entrySchema.safeParse(value);
      if (!entry.success) {
        throw broken(source, `the tensor ${name}: ${z.prettifyError(entry.error)}`);
      }
      const [begin, next] = entry.data.data_offsets;
      return { name, shape: entry.data.shape, begin, next };
    });
}

/** IEEE 754 binary16: 1 sign bit, 5 of exponent (bias 15), 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Infinity : Number.NaN;
  }
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const stats = await file.stat();
      if (!stats.isFile() || stats.size > MAX_FILE_BYTES) {
        throw broken(path, `it is no plain file of at most ${MAX_FILE_BYTES} bytes`);
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof BeltbenchError ? error : broken(path, reasonOf(error));
  }
}

function broken(source: string, reason: string): BeltbenchError {
  return new BeltbenchError(
    'bad_model',
    `cannot read the weights ${source}: ${reason}; take the file from the repository again or train anew`,
  );
}
