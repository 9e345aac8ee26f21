import * as assert from 'uvu/assert';
import { ASSUMED_SCALE, resolvePreprocessing } from '../../src/config/preprocessing.ts';
import { describe } from '../describe.ts';

describe('resolvePreprocessing', (it) => {
  it('stretches linearly, subtracts nothing and feeds RGB when nobody says otherwise', () => {
    assert.equal(resolvePreprocessing({ scale: 1 }, {}), {
      scaleKnown: true,
      preprocessing: {
        resize: 'stretch',
        resizeTo: undefined,
        crop: 'none',
        interpolation: 'linear',
        scale: 1,
        mean: undefined,
        std: undefined,
        channelOrder: 'rgb',
      },
    });
  });

  it("lays the card over the study's defaults, key by key", () => {
    const { preprocessing } = resolvePreprocessing(
      { mean: 'none', channel_order: 'bgr', resize: 'letterbox' },
      { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2], resize: 'none', interpolation: 'cubic', scale: 2 },
    );
    assert.is(preprocessing.mean, undefined);
    assert.equal(preprocessing.std, [0.2, 0.2, 0.2]);
    assert.is(preprocessing.resize, 'letterbox');
    assert.is(preprocessing.interpolation, 'cubic');
    assert.is(preprocessing.channelOrder, 'bgr');
    assert.is(preprocessing.scale, 2);
  });

  it('reads a fraction as the number nearest to it', () => {
    assert.is(resolvePreprocessing({ scale: '1/255' }, {}).preprocessing.scale, 1 / 255);
  });

  it('assumes a scale, and knows that it does, where nobody states one', () => {
    for (const [card, study] of [
      [{}, {}],
      [{ scale: 'unknown' }, {}],
      [{}, { scale: 'unknown' }],
      [{ scale: 'unknown' }, { scale: '1/255' }],
    ] as const) {
      const { scaleKnown, preprocessing } = resolvePreprocessing(card, study);
      assert.is(scaleKnown, false);
      assert.is(preprocessing.scale, ASSUMED_SCALE);
    }
  });

  it("takes the study's scale where the card says none", () => {
    assert.is(resolvePreprocessing({}, { scale: '1/128' }).preprocessing.scale, 1 / 128);
  });
});
