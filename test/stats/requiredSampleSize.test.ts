import * as assert from 'uvu/assert';
import { imagesForEquivalence, pairedSampleSize, roundsToResolve } from '../../src/stats/requiredSampleSize.ts';
import { tangoInterval } from '../../src/stats/tango.ts';
import { describe } from '../describe.ts';

describe('pairedSampleSize', (it) => {
  it('gives the numbers of images of methods.md D4', () => {
    assert.is(pairedSampleSize({ difference: 0.0016, discordance: 0.04 }), 122_637);
    assert.is(pairedSampleSize({ difference: 2 / 1226, discordance: 0.04 }), 117_973);
    assert.is(pairedSampleSize({ difference: 0.0016, discordance: 0.02 }), 61_318);
    assert.is(pairedSampleSize({ difference: 0.0016, discordance: 0.08 }), 245_276);
  });

  it('finds 1226 images just enough for 1.64 points', () => {
    const needed = pairedSampleSize({ difference: 0.0164, discordance: 0.04 });
    // methods.md D4: "smallest gap seen with 80 % power: 1.64 points (20 images)", by the exact test.
    assert.ok(needed !== undefined && needed > 1150 && needed < 1226, String(needed));
  });

  it('does not mind the sign of the difference', () => {
    assert.is(pairedSampleSize({ difference: -0.0016, discordance: 0.04 }), 122_637);
  });

  it('asks for more images for more power and more certainty', () => {
    const usual = pairedSampleSize({ difference: 0.01, discordance: 0.04 }) ?? Number.NaN;
    assert.ok((pairedSampleSize({ difference: 0.01, discordance: 0.04, power: 0.9 }) ?? 0) > usual);
    assert.ok((pairedSampleSize({ difference: 0.01, discordance: 0.04, alpha: 0.01 }) ?? 0) > usual);
  });

  it('knows no number that shows a difference of nothing', () => {
    assert.is(pairedSampleSize({ difference: 0, discordance: 0.04 }), undefined);
  });

  it('takes no discordance smaller than the difference', () => {
    assert.throws(() => pairedSampleSize({ difference: 0.1, discordance: 0.05 }), /cannot hold a difference/);
  });
});

describe('roundsToResolve', (it) => {
  it('gives the numbers of rounds of methods.md A7', () => {
    assert.is(roundsToResolve(0.02, 0.01), 32);
    assert.is(roundsToResolve(0.02, 0.02), 9);
    assert.is(roundsToResolve(0.05, 0.02), 51);
  });

  it('asks for no fewer than an exact interval takes', () => {
    assert.is(roundsToResolve(0.0001, 0.02), 6);
  });
});

describe('imagesForEquivalence', (it) => {
  it('is the least number at which the interval lies within the margin', () => {
    for (const [b, c, n] of [
      [6, 5, 300],
      [0, 0, 40],
      [1, 4, 566],
    ] as const) {
      const needed = imagesForEquivalence(b, c, n, 0.015);
      assert.ok(needed !== undefined);
      const at = (images: number) => tangoInterval((b * images) / n, (c * images) / n, images, 0.95);
      assert.ok(at(needed).lower >= -0.015 && at(needed).upper <= 0.015, `${needed} are enough for ${b}, ${c}`);
      const fewer = at(needed - 1);
      assert.ok(fewer.lower < -0.015 || fewer.upper > 0.015, `${needed - 1} are too few for ${b}, ${c}`);
    }
  });

  it('asks for fewer images than are there when they do already', () => {
    assert.ok((imagesForEquivalence(3, 2, 1226, 0.015) ?? Infinity) < 1226);
  });

  it('knows no number when the difference itself is beyond the margin', () => {
    assert.is(imagesForEquivalence(2, 30, 1226, 0.015), undefined);
    assert.is(imagesForEquivalence(0, 0, 0, 0.015), undefined);
  });
});
