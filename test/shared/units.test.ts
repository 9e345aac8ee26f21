import * as assert from 'uvu/assert';
import {
  countOf,
  formatAtLeast,
  formatAtMost,
  formatCount,
  formatMargin,
  formatMegabytes,
  formatMillions,
  formatMs,
  formatMsInterval,
  formatPoints,
  formatPointsInterval,
  formatProbability,
  formatRatio,
  formatShare,
  formatShareInterval,
  formatThreshold,
  NOT_MEASURED,
  shortHash,
} from '../../src/shared/units.ts';
import { describe } from '../describe.ts';

describe('absent numbers', (it) => {
  it('are told as not measured, never as zero', () => {
    for (const format of [formatMs, formatShare, formatAtLeast, formatAtMost, formatMegabytes, formatMillions]) {
      assert.is(format(null), NOT_MEASURED);
      assert.is(format(undefined), NOT_MEASURED);
    }
  });

  it('differ from a measured zero', () => {
    assert.is(formatMs(0), '0.000 ms');
    assert.is(formatShare(0), '0.00 %');
    assert.is(formatMegabytes(0), '0.0 MB');
  });
});

describe('formatMs', (it) => {
  it('shows more digits the smaller the time', () => {
    assert.equal([0.0814, 12.345, 391.87].map(formatMs), ['0.081 ms', '12.35 ms', '391.9 ms']);
  });

  it('leaves the unit of an interval to the figure before it', () => {
    assert.is(formatMsInterval([0.0814, 391.87]), '0.081-391.9');
  });
});

describe('formatShare', (it) => {
  it('rounds, but never up to all or down to none', () => {
    assert.is(formatShare(0.9421), '94.21 %');
    assert.is(formatShare(0.99996, 1), '99.996 %');
    assert.is(formatShare(0.99999999, 1), '99.999999 %');
    assert.is(formatShare(0.00001, 1), '0.0010 %');
    assert.is(formatShare(1 - 2 ** -53), '99.99999999999999 %');
  });

  it('gives intervals one unit', () => {
    assert.is(formatShareInterval([0.9275, 0.9545]), '92.8-95.5 %');
  });
});

describe('bounds', (it) => {
  it('are rounded to the side on which they still hold', () => {
    assert.is(formatAtLeast(0.98999), '98.99 %');
    assert.is(formatAtMost(0.010048), '1.01 %');
  });

  it('stay what they are where no digit is lost', () => {
    assert.is(formatAtLeast(0.99), '99.00 %');
    assert.is(formatAtMost(0.07), '7.00 %');
    assert.is(formatAtMost(0), '0.00 %');
    assert.is(formatAtLeast(1), '100.00 %');
  });

  it('hold for every share, in both directions', () => {
    for (let step = 0; step <= 9973; step += 1) {
      const share = step / 9973;
      assert.ok(Number.parseFloat(formatAtLeast(share)) / 100 <= share + 1e-15, `at least ${share}`);
      assert.ok(Number.parseFloat(formatAtMost(share)) / 100 >= share - 1e-15, `at most ${share}`);
    }
  });
});

describe('formatMargin', (it) => {
  it('shows points with no more digits than they have', () => {
    assert.equal([0.015, 0.003, 0.1, 0.00125].map(formatMargin), ['1.5', '0.3', '10', '0.125']);
  });
});

describe('formatRatio', (it) => {
  it('shows thousandths, which a margin of 2 % can be told by', () => {
    assert.equal([0.3456, 1.0204, 12.345].map(formatRatio), ['0.346', '1.020', '12.3']);
  });
});

describe('formatThreshold', (it) => {
  it('rounds to the side the caller asks for, with six digits', () => {
    assert.is(formatThreshold(0.123456789, 'down'), '0.123456');
    assert.is(formatThreshold(0.123456789, 'up'), '0.123457');
    assert.is(formatThreshold(0.00142526789, 'down'), '0.00142526');
  });

  it('keeps six digits of the distance to 1 as well', () => {
    assert.is(formatThreshold(0.9999987654321, 'down'), '0.99999876543');
    assert.is(formatThreshold(0.9999987654321, 'up'), '0.99999876544');
  });

  it('shows short thresholds as they were set', () => {
    assert.equal(
      [0, 0.5, 0.75, 1].map((threshold) => formatThreshold(threshold, 'up')),
      ['0', '0.5', '0.75', '1'],
    );
  });

  it('shows the extremes in full rather than as 0 or 1', () => {
    assert.is(formatThreshold(1.5e-20, 'down'), '1.5e-20');
    assert.is(formatThreshold(1 - 2 ** -40, 'up'), '0.9999999999990905');
  });

  it('never crosses the threshold', () => {
    let score = 0.3;
    for (let round = 0; round < 20_000; round += 1) {
      // The logistic map: scores all over (0, 1), some very near its ends.
      score = 3.9999 * score * (1 - score);
      assert.ok(Number(formatThreshold(score, 'down')) <= score, `down from ${score}`);
      assert.ok(Number(formatThreshold(score, 'up')) >= score, `up from ${score}`);
    }
  });
});

describe('differences of shares', (it) => {
  it('carry their sign, and none where there is no difference to see', () => {
    assert.is(formatPoints(-0.00163), '-0.16 points');
    assert.is(formatPoints(0.0579), '+5.79 points');
    assert.is(formatPoints(-0.00001), '0.00 points');
    assert.is(formatPointsInterval([-0.013, 0.0098]), '-1.30 to +0.98 points');
  });
});

describe('counts and sizes', (it) => {
  it('separate thousands', () => {
    assert.equal([0, 999, 1226, 1234567, 12.5].map(formatCount), ['0', '999', '1,226', '1,234,567', '12.5']);
  });

  it('take the singular for one only', () => {
    assert.equal(
      [countOf(0, 'image'), countOf(1, 'image'), countOf(1226, 'image'), countOf(2, 'miss', 'misses')],
      ['0 images', '1 image', '1,226 images', '2 misses'],
    );
  });

  it('give small files and models more digits instead of a zero', () => {
    assert.equal([93_970_653, 44_000].map(formatMegabytes), ['94.0 MB', '0.044 MB']);
    assert.equal([23_512_130, 1000].map(formatMillions), ['23.51 M', '0.0010 M']);
  });

  it('shorten hashes to 12 characters', () => {
    assert.is(shortHash('a'.repeat(64)), 'a'.repeat(12));
  });
});

describe('formatProbability', (it) => {
  it('shows three digits, or the power of ten of what is smaller', () => {
    assert.equal([1, 0.5, 0.8948, 0.0021, 1.234e-7].map(formatProbability), ['1', '0.5', '0.895', '0.0021', '1.2e-7']);
  });
});
