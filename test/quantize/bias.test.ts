import * as assert from 'uvu/assert';
import { quantizeBias, weightScalesForBias } from '../../src/quantize/bias.ts';
import { describe } from '../describe.ts';

const BIAS = Float32Array.of(0.5, -1.25, 3e-3, 1234.5);
const INPUT_SCALE = Math.fround(0.0213);
const WEIGHT_SCALES = Float32Array.of(0.011, 0.0007, 1e-9, 2e-8);

describe('quantizeBias', (it) => {
  it("equals the Python tool's integers, saturation included", () => {
    // quantize_bias_static_impl of onnxruntime 1.30's quantization/base_quantizer.py.
    assert.equal([...quantizeBias(BIAS, INPUT_SCALE, WEIGHT_SCALES)], [2134, -83836, 140845083, 2147483647]);
  });

  it('rounds halves to the even integer', () => {
    const bias = Float32Array.of(0.0625, 0.1875, -0.0625, -0.3125);
    assert.equal([...quantizeBias(bias, 0.25, Float32Array.of(0.5))], [0, 2, 0, -2]);
  });
});

describe('weightScalesForBias', (it) => {
  it('grows the scales that the Python tool grows, to the last bit', () => {
    // _adjust_weight_scale_for_int32_bias of onnxruntime 1.30's quantization/qdq_quantizer.py, per channel.
    assert.equal(
      weightScalesForBias(BIAS, INPUT_SCALE, WEIGHT_SCALES),
      Float32Array.of(0.010999999940395355, 0.000699999975040555, 9.999999717180685e-10, 2.6991378035745583e-5),
    );
  });

  it('grows a single scale for the largest bias', () => {
    // The same, per tensor.
    assert.equal(weightScalesForBias(BIAS, INPUT_SCALE, Float32Array.of(2e-8)), Float32Array.of(2.6991378035745583e-5));
  });

  it('leaves every bias room in 32 bits', () => {
    const grown = weightScalesForBias(BIAS, INPUT_SCALE, WEIGHT_SCALES);
    const integers = quantizeBias(BIAS, INPUT_SCALE, grown);
    for (const [channel, value] of BIAS.entries()) {
      const back = (integers[channel] ?? 0) * INPUT_SCALE * (grown[channel] ?? 0);
      // Half a step of the integer, and the float32 rounding of the product of scales.
      const step = INPUT_SCALE * (grown[channel] ?? 0);
      assert.ok(Math.abs(back - value) <= step / 2 + Math.abs(value) * 2 ** -23, `${value} came back as ${back}`);
    }
  });

  it('leaves its argument and scales that suffice alone', () => {
    const scales = Float32Array.of(0.01, 0.02);
    assert.equal(weightScalesForBias(Float32Array.of(1, 0), 0.1, scales), Float32Array.of(0.01, 0.02));
    weightScalesForBias(Float32Array.of(1e9, 1e9), 0.1, scales);
    assert.equal(scales, Float32Array.of(0.01, 0.02));
  });
});
