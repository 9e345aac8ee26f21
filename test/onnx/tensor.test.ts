import * as assert from 'uvu/assert';
import { TensorProto_DataType as DataType } from '../../src/onnx/generated/onnx_pb.ts';
import { elementCount, tensorDims, tensorValues } from '../../src/onnx/tensor.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { floats, rawBytes, tensor } from './build.ts';

describe('tensorValues', (it) => {
  it('reads the same numbers from raw_data and from the typed field', () => {
    const cases: readonly [type: DataType, raw: ArrayBufferView, fields: object, wanted: readonly number[]][] = [
      [DataType.FLOAT, Float32Array.of(1.5, -2), { floatData: [1.5, -2] }, [1.5, -2]],
      [DataType.DOUBLE, Float64Array.of(1e300, -2), { doubleData: [1e300, -2] }, [1e300, -2]],
      [DataType.INT8, Int8Array.of(-128, 7), { int32Data: [-128, 7] }, [-128, 7]],
      [DataType.UINT8, Uint8Array.of(255, 7), { int32Data: [255, 7] }, [255, 7]],
      [DataType.BOOL, Uint8Array.of(1, 0), { int32Data: [1, 0] }, [1, 0]],
      [DataType.INT16, Int16Array.of(-300, 7), { int32Data: [-300, 7] }, [-300, 7]],
      [DataType.UINT16, Uint16Array.of(65535, 7), { int32Data: [65535, 7] }, [65535, 7]],
      [DataType.INT32, Int32Array.of(-70000, 7), { int32Data: [-70000, 7] }, [-70000, 7]],
      [DataType.UINT32, Uint32Array.of(4294967295, 7), { uint64Data: [4294967295n, 7n] }, [4294967295, 7]],
      [DataType.INT64, BigInt64Array.of(-5n, 7n), { int64Data: [-5n, 7n] }, [-5, 7]],
      [DataType.UINT64, BigUint64Array.of(5n, 7n), { uint64Data: [5n, 7n] }, [5, 7]],
      // 0x3c00 is 1, 0x0001 the smallest subnormal of float16, 2^-24.
      [DataType.FLOAT16, Uint16Array.of(0x3c00, 0x0001), { int32Data: [0x3c00, 0x0001] }, [1, 2 ** -24]],
      [DataType.BFLOAT16, Uint16Array.of(0x3f80, 0xc000), { int32Data: [0x3f80, 0xc000] }, [1, -2]],
      // Two to a byte, the first in the low half: 0x87 is 7 and 8, which signed is -8.
      [DataType.INT4, Uint8Array.of(0x87), { int32Data: [0x87] }, [7, -8]],
      [DataType.UINT4, Uint8Array.of(0x87), { int32Data: [0x87] }, [7, 8]],
      [DataType.INT2, Uint8Array.of(0b1001), { int32Data: [0b1001] }, [1, -2]],
      [DataType.UINT2, Uint8Array.of(0b1001), { int32Data: [0b1001] }, [1, 2]],
    ];
    for (const [dataType, raw, fields, wanted] of cases) {
      const name = DataType[dataType];
      assert.equal(
        Array.from(tensorValues(tensor('t', [2], { dataType, rawData: rawBytes(raw) })), Number),
        [...wanted],
        `${name} raw`,
      );
      assert.equal(Array.from(tensorValues(tensor('t', [2], { dataType, ...fields })), Number), [...wanted], name);
    }
  });

  it('decodes every finite float16 to the number its bits spell', () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, index) => index);
    const decoded = tensorValues(tensor('t', [65536], { dataType: DataType.FLOAT16, rawData: rawBytes(halves) }));
    for (const half of halves) {
      const bits = half.toString(2).padStart(16, '0');
      const exponent = Number.parseInt(bits.slice(1, 6), 2);
      const fraction = Number.parseInt(bits.slice(6), 2) / 1024;
      const size = exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
      if (exponent < 31) {
        assert.is(decoded[half], bits.startsWith('1') ? -size : size, bits);
      }
    }
    assert.equal([decoded[0x7c00], decoded[0xfc00]], [Infinity, -Infinity]);
    assert.ok(Number.isNaN(decoded[0x7e00]));
  });

  it('reads raw data that starts at any byte of the file', () => {
    for (let askew = 0; askew < 8; askew += 1) {
      const bytes = new Uint8Array(24);
      bytes.set(rawBytes(Float64Array.of(Math.PI, -1)), askew);
      const rawData = bytes.subarray(askew, askew + 16);
      assert.equal(
        [...tensorValues(tensor('t', [2], { dataType: DataType.DOUBLE, rawData }))],
        [Math.PI, -1],
        `offset ${askew}`,
      );
    }
  });

  it('copies nothing when the data lie straight', () => {
    const one = floats('t', [3]);
    assert.is(tensorValues(one).buffer, one.rawData.buffer);
  });

  it('gives a scalar one value and an empty tensor none', () => {
    assert.equal([...tensorValues(floats('t', [], [7]))], [7]);
    assert.is(tensorValues(floats('t', [0, 5], [])).length, 0);
    assert.is(elementCount(tensorDims(floats('t', [2, 3, 4]))), 24);
  });

  it('refuses types it has no numbers for, by name', () =>
    rejects(
      () => tensorValues(tensor('t', [1], { dataType: DataType.FLOAT8E4M3FN, rawData: new Uint8Array(1) })),
      /values of tensor "t" are float8e4m3fn, which is not read/,
    ));
});
