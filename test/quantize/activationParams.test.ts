import * as assert from 'uvu/assert';
import { activationParams } from '../../src/quantize/activationParams.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';

/**
 * [min, max, u8 scale, u8 zero point, s8 scale] by `compute_scale_zp` of onnxruntime 1.30's
 * quantization/quant_utils.py, with float32 ends; s8 symmetric, as for QInt8 with ActivationSymmetric.
 */
const PYTHON = [
  [-0.17, 5.3, 0.021450981497764587, 8, 0.04173228517174721],
  [0, 6, 0.0235294122248888, 0, 0.04724409431219101],
  [-3.7, 0.2, 0.015294117853045464, 242, 0.029133858159184456],
  [1, 3, 0.0117647061124444, 0, 0.023622047156095505],
  [-3, -1, 0.0117647061124444, 255, 0.023622047156095505],
  [0, 0, 1, 0, 1],
  [-1, 1, 0.007843137718737125, 128, 0.007874015718698502],
  [-0.1, 25.4, 0.10000000149011612, 1, 0.20000000298023224],
  [1e-38, 2e-38, 1, 0, 1],
  [0, 3e-36, 1.1764706354623826e-38, 0, 2.362204694553031e-38],
  [-2.4999, 0.0001, 0.009803921915590763, 255, 0.01968425326049328],
  [-1, 254, 1, 1, 2],
  [-1, 4.1, 0.019999999552965164, 50, 0.03228346258401871],
  // Here the ends' difference rounds to another float32 than in float64.
  [-1.91, 2.43, 0.01701960898935795, 112, 0.019133858382701874],
  [-2.44, 8.21, 0.04176470264792442, 58, 0.0646456703543663],
] as const;

describe('activationParams', (it) => {
  it("equals the Python tool's scale and zero point to the last bit", () => {
    for (const [min, max, scale, zeroPoint, symmetricScale] of PYTHON) {
      assert.equal(activationParams({ min, max }, 'u8'), { scale, zeroPoint }, `u8 ${min} to ${max}`);
      assert.equal(
        activationParams({ min, max }, 's8'),
        { scale: symmetricScale, zeroPoint: 0 },
        `s8 ${min} to ${max}`,
      );
    }
  });

  it('rounds a zero point halfway between two integers to the even one', () => {
    // compute_scale_zp gives 0, 2 and 2.
    assert.is(activationParams({ min: -0.5, max: 254.5 }, 'u8').zeroPoint, 0);
    assert.is(activationParams({ min: -1.5, max: 253.5 }, 'u8').zeroPoint, 2);
    assert.is(activationParams({ min: -2.5, max: 252.5 }, 'u8').zeroPoint, 2);
  });

  it('can express 0 exactly and both ends to half a step, whatever the range', () => {
    const random = mulberry32(3);
    for (let i = 0; i < 2000; i += 1) {
      const size = 2 ** (random() * 60 - 30);
      const [min, max] = [-size * random(), size * random()];
      const { scale, zeroPoint } = activationParams({ min, max }, 'u8');
      assert.ok(Number.isInteger(zeroPoint) && zeroPoint >= 0 && zeroPoint <= 255);
      // The zero point moves the range by up to half a step, and the float32 scale by 255 roundings.
      assert.ok(Math.abs(scale * (0 - zeroPoint) - min) <= 0.5001 * scale);
      assert.ok(Math.abs(scale * (255 - zeroPoint) - max) <= 0.5001 * scale);
    }
  });
});
