import * as assert from 'uvu/assert';
import { floatFaultsOf } from '../../../src/onnx/audit/floatFaults.ts';
import { TensorProto_DataType as DataType } from '../../../src/onnx/generated/onnx_pb.ts';
import { describe } from '../../describe.ts';
import { floats, int8s, rawBytes, tensor } from '../build.ts';

// The smallest normal float32 is 2^-126, the smallest subnormal 2^-149.
const mixed = [0, -0, 1, 2 ** -126, -(2 ** -126), 2 ** -127, -(2 ** -149), Number.NaN, Infinity, -Infinity, -Infinity];

describe('floatFaultsOf', (it) => {
  it('counts subnormal, NaN and infinite float32, and neither zeros nor the smallest normal numbers', () => {
    assert.equal(floatFaultsOf(floats('t', [11], mixed)), { subnormal: 2, nan: 1, infinite: 3 });
  });

  it('counts the same in float_data and in data that lie askew', () => {
    const inField = tensor('t', [11], { dataType: DataType.FLOAT, floatData: mixed });
    assert.equal(floatFaultsOf(inField), { subnormal: 2, nan: 1, infinite: 3 });
    const bytes = new Uint8Array(45);
    bytes.set(rawBytes(Float32Array.from(mixed)), 1);
    const askew = tensor('t', [11], { dataType: DataType.FLOAT, rawData: bytes.subarray(1) });
    assert.equal(floatFaultsOf(askew), { subnormal: 2, nan: 1, infinite: 3 });
  });

  it('counts to the last number of a tensor that is looked at piece by piece', () => {
    const many = new Float32Array(40_000).fill(1);
    for (const index of [0, 16_383, 16_384, 32_767, 32_768, 39_999]) {
      many[index] = 2 ** -140;
    }
    const large = tensor('t', [40_000], { dataType: DataType.FLOAT, rawData: rawBytes(many) });
    assert.equal(floatFaultsOf(large), { subnormal: 6, nan: 0, infinite: 0 });
  });

  it('judges float64 by its own range', () => {
    const values = Float64Array.of(1e-310, 5e-324, 1e-300, 2 ** -1022, 0, Number.NaN, Infinity);
    const doubles = tensor('t', [7], { dataType: DataType.DOUBLE, rawData: rawBytes(values) });
    assert.equal(floatFaultsOf(doubles), { subnormal: 2, nan: 1, infinite: 1 });
  });

  it('counts no subnormal float16, which is a normal float32, but its NaN', () => {
    const halves = tensor('t', [3], {
      dataType: DataType.FLOAT16,
      rawData: rawBytes(Uint16Array.of(1, 0x7e00, 0xfc00)),
    });
    assert.equal(floatFaultsOf(halves), { subnormal: 0, nan: 1, infinite: 1 });
  });

  it('counts a subnormal bfloat16, which is a subnormal float32', () => {
    const brain = tensor('t', [2], { dataType: DataType.BFLOAT16, rawData: rawBytes(Uint16Array.of(1, 0x3f80)) });
    assert.equal(floatFaultsOf(brain), { subnormal: 1, nan: 0, infinite: 0 });
  });

  it('finds nothing in integers', () => {
    assert.equal(floatFaultsOf(int8s('t', [4])), { subnormal: 0, nan: 0, infinite: 0 });
  });
});
