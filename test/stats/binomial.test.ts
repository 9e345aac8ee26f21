import stdlibCdf from '@stdlib/stats-base-dists-binomial-cdf';
import * as assert from 'uvu/assert';
import { binomialCdf, binomialUpperTail } from '../../src/stats/binomial.ts';
import { describe } from '../describe.ts';
import { close } from './close.ts';

describe('binomialCdf', (it) => {
  it('gives the exact values of methods.md 0.1 for 566 trials at 1 %', () => {
    const exact = [
      0.0033846996945514573, 0.022735609059360798, 0.07795411305490262, 0.18281349437976988, 0.3318938774249726,
      0.5011528173672027, 0.6610084828681979, 0.7901847782225374,
    ];
    for (const [k, p] of exact.entries()) close(binomialCdf(k, 566, 0.01), p, 1e-12, `k = ${k}`);
  });

  it('keeps its precision with many trials and in tiny tails', () => {
    // Both are printed with 12 and 10 digits in methods.md 0.1.
    close(binomialCdf(83, 10_000, 0.01), 0.0455191597623, 5e-12);
    close(binomialCdf(5, 5000, 0.01), 4.538453848e-16, 1e-10);
  });

  it('is exact for a million fair coins', () => {
    // One half and half the middle term, C(2m, m) / 4^m = (1 - 1/8m + 1/128m^2) / sqrt(pi m).
    const m = 500_000;
    const middle = (1 - 1 / (8 * m) + 1 / (128 * m * m)) / Math.sqrt(Math.PI * m);
    close(binomialCdf(m, 2 * m, 0.5), 0.5 + middle / 2, 1e-12);
  });

  it('agrees with stdlib', () => {
    for (const n of [1, 2, 10, 299, 1000, 10_000]) {
      for (const q of [0.001, 0.01, 0.1, 0.5, 0.9]) {
        for (const k of [0, 1, Math.floor(n * q), Math.ceil(n * q * 1.2), n - 1]) {
          close(binomialCdf(k, n, q), stdlibCdf(k, n, q), 1e-12, `P(Bin(${n}, ${q}) <= ${k})`);
        }
      }
    }
  });

  it('is 0 below no event and 1 from all events on', () => {
    assert.is(binomialCdf(-1, 10, 0.3), 0);
    assert.is(binomialCdf(10, 10, 0.3), 1);
    assert.is(binomialCdf(11, 10, 0.3), 1);
  });
});

describe('binomialUpperTail', (it) => {
  it('is what the lower tail leaves', () => {
    for (let k = 1; k <= 20; k++) {
      close(binomialUpperTail(k, 20, 0.3) + binomialCdf(k - 1, 20, 0.3), 1, 1e-13, `k = ${k}`);
    }
  });

  it('is exact where it is tiny', () => {
    close(binomialUpperTail(20, 20, 0.01), 1e-40, 1e-12);
  });

  it('is 1 from no event on and 0 beyond all', () => {
    assert.is(binomialUpperTail(0, 10, 0.3), 1);
    assert.is(binomialUpperTail(11, 10, 0.3), 0);
  });
});
