import * as assert from 'uvu/assert';
import { pairedSampleSize } from '../../src/stats/requiredSampleSize.ts';
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
