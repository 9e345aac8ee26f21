import * as assert from 'uvu/assert';
import { assessMissRate } from '../../src/stats/missRate.ts';
import { describe } from '../describe.ts';
import { close } from './close.ts';

const at99 = (misses: number, n: number) => assessMissRate({ misses, n, requiredShare: 0.99, confidence: 0.95 });

describe('assessMissRate', (it) => {
  it('passes with exactly the trials that the misses need, and not with one less', () => {
    for (const [misses, n] of [
      [0, 299],
      [1, 473],
      [2, 628],
      [4, 913],
      [5, 1049],
      [100, 11_799],
    ] as const) {
      assert.is(at99(misses, n).verdict, 'PASS', `${misses} of ${n}`);
      assert.is(at99(misses, n - 1).verdict, 'NOT_ENOUGH_DATA', `${misses} of ${n - 1}`);
      assert.is(at99(misses, n - 1).moreSamples, 1, `${misses} of ${n - 1}`);
    }
  });

  it('does not take 5 misses of 1000 for 99 %, but 4', () => {
    assert.is(at99(4, 1000).verdict, 'PASS');
    assert.is(at99(5, 1000).verdict, 'NOT_ENOUGH_DATA');
    assert.is(at99(5, 1000).moreSamples, 49);
    close(at99(5, 1000).upperBound, 0.0104841, 1e-5);
  });

  it('fails only what the data exclude', () => {
    // P(Bin(1000, 0.01) >= 15) = 0.082, >= 16 it is 0.048.
    assert.is(at99(15, 1000).verdict, 'NOT_ENOUGH_DATA');
    assert.is(at99(16, 1000).verdict, 'FAIL');
    assert.ok((at99(16, 1000).lowerBound ?? 0) > 0.01);
    assert.is(at99(16, 1000).moreSamples, undefined);
  });

  it('refutes from the other side at the same confidence as it proves', () => {
    for (let misses = 0; misses <= 40; misses++) {
      const { verdict, lowerBound = Number.NaN, upperBound = Number.NaN } = at99(misses, 1000);
      const expected = upperBound <= 0.01 ? 'PASS' : lowerBound > 0.01 ? 'FAIL' : 'NOT_ENOUGH_DATA';
      assert.is(verdict, expected, `${misses} of 1000`);
    }
  });

  it('knows nothing without trials', () => {
    assert.equal(at99(0, 0), {
      verdict: 'NOT_ENOUGH_DATA',
      missRate: undefined,
      lowerBound: undefined,
      upperBound: undefined,
      moreSamples: 299,
    });
  });

  it('fails when everything misses', () => {
    const all = at99(10, 10);
    assert.is(all.verdict, 'FAIL');
    assert.is(all.missRate, 1);
    assert.is(all.upperBound, 1);
  });

  it('lets an exact tie pass, and not fail', () => {
    // n of n coins on one side: 0.5^n, which is exactly the error that the confidence allows.
    for (let n = 1; n <= 12; n++) {
      const question = { n, requiredShare: 0.5, confidence: 1 - 0.5 ** n };
      assert.is(assessMissRate({ misses: 0, ...question }).verdict, 'PASS', `0 of ${n}`);
      assert.is(assessMissRate({ misses: n, ...question }).verdict, 'NOT_ENOUGH_DATA', `${n} of ${n}`);
    }
  });

  it('takes no certainty as a requirement', () => {
    assert.throws(
      () => assessMissRate({ misses: 0, n: 10, requiredShare: 1, confidence: 0.95 }),
      /strictly between 0 and 1/,
    );
  });
});
