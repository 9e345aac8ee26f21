import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';

/** What a protobuf file will cost once decoded, counted without decoding it. */
export interface WireCounts {
  /** Messages per protobuf type name ("onnx.NodeProto"), at any depth. */
  readonly messages: ReadonlyMap<string, number>;
  /** Estimated bytes of JavaScript memory beyond the file itself. */
  readonly decodedBytes: number;
}

export interface WireLimits {
  /** How deep messages may nest; more cannot be written by an honest exporter. */
  readonly depth: number;
  readonly decodedBytes: number;
  readonly messages: Readonly<Record<string, number>>;
}

export type WireFault = 'malformed' | 'truncated' | 'too_deep' | 'too_many' | 'too_large';

/** Why a file must not be decoded; `detail` completes a sentence about it. */
export class WireError extends Error {
  readonly fault: WireFault;

  constructor(fault: WireFault, detail: string) {
    super(detail);
    this.name = 'WireError';
    this.fault = fault;
  }
}

/** Rough sizes of what the decoder makes in V8's heap; they need to be right within a factor of two. */
const MESSAGE_BYTES = 256;
const UNKNOWN_FIELD_BYTES = 200;
const BYTES_OBJECT_BYTES = 120;
/** Names also become keys of maps and heads of lists. */
const STRING_BYTES = 256;
const BIGINT_BYTES = 40;
const NUMBER_BYTES = 20;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** How one field of a message is written. */
interface Field {
  readonly wireType: number;
  readonly message: DescMessage | undefined;
  /** A list of numbers, which may also be written as one delimited field. */
  readonly packable: boolean;
  /** Heap bytes of each value. */
  readonly cost: number;
  /** A string's bytes land on the heap; `bytes` stay in the file's buffer. */
  readonly copies: boolean;
}

/**
 * Walks the wire format of `bytes` as a message of type `schema`, before anything is allocated for
 * it: a few bytes per message or number can claim hundreds when decoded, and the decoder trusts
 * every length it reads. Linear in the number of messages and of packed integers.
 *
 * @throws WireError when the bytes are not such a message or exceed `limits`.
 */
export function scanWire(schema: DescMessage, bytes: Uint8Array, limits: WireLimits): WireCounts {
  const scan = new Scan(bytes, limits);
  scan.message(schema, bytes.length, 1);
  return { messages: scan.messages, decodedBytes: scan.decodedBytes };
}

class Scan {
  readonly messages = new Map<string, number>();
  decodedBytes = 0;
  readonly #bytes: Uint8Array;
  readonly #limits: WireLimits;
  readonly #fields = new Map<DescMessage, ReadonlyMap<number, Field>>();
  #position = 0;

  constructor(bytes: Uint8Array, limits: WireLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  message(schema: DescMessage, end: number, depth: number): void {
    if (depth > this.#limits.depth) {
      throw new WireError('too_deep', `nests more than ${this.#limits.depth} messages`);
    }
    this.#count(schema.typeName);
    this.#charge(MESSAGE_BYTES);
    const fields = this.#fieldsOf(schema);
    while (this.#position < end) {
      const tag = this.#varint(end);
      const field = fields.get(Math.floor(tag / 8));
      const wireType = tag % 8;
      if (field === undefined) {
        this.#skip(wireType, end);
        this.#charge(UNKNOWN_FIELD_BYTES);
      } else if (wireType === DELIMITED && (field.wireType === DELIMITED || field.packable)) {
        this.#delimited(field, end, depth);
      } else if (wireType === field.wireType) {
        this.#skip(wireType, end);
        this.#charge(field.cost);
      } else {
        throw this.#malformed(`${schema.name} holds a field of the wrong kind`);
      }
    }
  }

  #delimited(field: Field, end: number, depth: number): void {
    const length = this.#varint(end);
    const stop = this.#position + length;
    if (stop > end) {
      throw end === this.#bytes.length && depth === 1
        ? new WireError('truncated', `ends after ${end} bytes, where its content says ${stop} or more`)
        : this.#malformed('a part claims to be longer than the whole');
    }
    if (field.message !== undefined) {
      this.message(field.message, stop, depth + 1);
      return;
    }
    if (field.packable) {
      this.#charge(field.cost * this.#packedValues(field.wireType, stop));
    } else {
      this.#charge(field.cost + (field.copies ? length : 0));
    }
    this.#position = stop;
  }

  #packedValues(wireType: number, stop: number): number {
    if (wireType !== VARINT) {
      return Math.ceil((stop - this.#position) / (wireType === FIXED32 ? 4 : 8));
    }
    let values = 0;
    for (let position = this.#position; position < stop; position += 1) {
      values += (this.#bytes[position] ?? 0) < 0x80 ? 1 : 0;
    }
    return values;
  }

  /** A tag or length: an unsigned varint of up to 5 bytes; only its value matters, never a wrap-around. */
  #varint(end: number): number {
    let value = 0;
    for (let shift = 1; shift <= 2 ** 28; shift *= 128) {
      const byte = this.#position < end ? this.#bytes[this.#position] : undefined;
      if (byte === undefined) {
        throw this.#malformed('a number is cut off');
      }
      this.#position += 1;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) {
        return value;
      }
    }
    throw this.#malformed('a number is too long');
  }

  #skip(wireType: number, end: number): void {
    if (wireType === VARINT) {
      const start = this.#position;
      while ((this.#bytes[this.#position] ?? 0) >= 0x80 && this.#position - start < 9) {
        this.#position += 1;
      }
      this.#position += 1;
    } else if (wireType === FIXED64) {
      this.#position += 8;
    } else if (wireType === FIXED32) {
      this.#position += 4;
    } else if (wireType === DELIMITED) {
      const length = this.#varint(end);
      this.#position += length;
    } else {
      throw this.#malformed('it holds groups, which ONNX does not use');
    }
    if (this.#position > end) {
      throw this.#malformed('a value is cut off');
    }
  }

  #count(typeName: string): void {
    const count = (this.messages.get(typeName) ?? 0) + 1;
    this.messages.set(typeName, count);
    const limit = this.#limits.messages[typeName];
    if (limit !== undefined && count > limit) {
      throw new WireError('too_many', `holds more than ${limit} ${typeName.replace('onnx.', '')}s`);
    }
  }

  #charge(bytes: number): void {
    this.decodedBytes += bytes;
    if (this.decodedBytes > this.#limits.decodedBytes) {
      throw new WireError('too_large', `would take more than ${this.#limits.decodedBytes} bytes of memory to decode`);
    }
  }

  #malformed(detail: string): WireError {
    return new WireError('malformed', `${detail} at byte ${this.#position}`);
  }

  #fieldsOf(schema: DescMessage): ReadonlyMap<number, Field> {
    const known = this.#fields.get(schema);
    if (known !== undefined) {
      return known;
    }
    const fields = new Map(schema.fields.map((field) => [field.number, fieldOf(field)]));
    this.#fields.set(schema, fields);
    return fields;
  }
}

function fieldOf(field: DescField): Field {
  const list = field.fieldKind === 'list';
  if (field.message !== undefined) {
    return { wireType: DELIMITED, message: field.message, packable: false, cost: 0, copies: false };
  }
  const scalar = field.scalar;
  if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES) {
    const copies = scalar === ScalarType.STRING;
    const cost = copies ? STRING_BYTES : BYTES_OBJECT_BYTES;
    return { wireType: DELIMITED, message: undefined, packable: false, cost, copies };
  }
  if (scalar === undefined) {
    // An enum's value that onnx.proto does not know is kept as an unknown field.
    return { wireType: VARINT, message: undefined, packable: list, cost: UNKNOWN_FIELD_BYTES, copies: false };
  }
  const isBigint = scalar === ScalarType.INT64 || scalar === ScalarType.UINT64;
  const cost = isBigint ? BIGINT_BYTES : NUMBER_BYTES;
  return { wireType: wireTypeOf(scalar), message: undefined, packable: list, cost: list ? cost : 0, copies: false };
}

/** The wire type of the numbers onnx.proto uses. */
function wireTypeOf(scalar: ScalarType): number {
  if (scalar === ScalarType.FLOAT) {
    return FIXED32;
  }
  return scalar === ScalarType.DOUBLE ? FIXED64 : VARINT;
}
