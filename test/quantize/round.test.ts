import * as assert from 'uvu/assert';
import { roundAndSaturate, roundHalfEven } from '../../src/quantize/round.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';

describe('roundHalfEven', (it) => {
  it('sends halves to the even neighbour, on both sides of 0', () => {
    const halves = [-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 126.5, 127.5];
    assert.equal(
      halves.map((half) => roundHalfEven(half) + 0),
      [-4, -2, -2, 0, 0, 2, 2, 4, 126, 128],
    );
  });

  it('agrees with Math.round away from halves', () => {
    const random = mulberry32(1);
    for (let i = 0; i < 10_000; i += 1) {
      const x = (random() - 0.5) * 2 ** (random() * 50);
      if (Math.abs(x % 1) !== 0.5) {
        assert.is(roundHalfEven(x) - Math.round(x), 0, String(x));
      }
    }
  });

  it('is right next to a half, where adding a half first would not be', () => {
    assert.is(roundHalfEven(0.49999999999999994), 0);
    assert.is(roundHalfEven(0.5000000000000001), 1);
  });
});

describe('roundAndSaturate', (it) => {
  it('stays within its bounds', () => {
    assert.equal(
      [-1e300, -128.6, -127.5, 127.4, 127.5, Infinity].map((x) => roundAndSaturate(x, -128, 127)),
      [-128, -128, -128, 127, 127, 127],
    );
  });
});
