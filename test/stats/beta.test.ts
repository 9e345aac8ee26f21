import stdlibQuantile from '@stdlib/stats-base-dists-beta-quantile';
import * as assert from 'uvu/assert';
import { betaQuantile, incompleteBeta, stirlingError } from '../../src/stats/beta.ts';
import { describe } from '../describe.ts';
import { close, near } from './close.ts';

/** ln gamma(z) by Stirling's formula without its error. */
const stirling = (z: number): number => (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2;

describe('stirlingError', (it) => {
  it("is what Stirling's formula lacks of the logarithm of a factorial", () => {
    let logFactorial = 0;
    for (let n = 1; n <= 60; n++) {
      // The sum of logarithms is an independent answer; its rounding grows to 1e-13 at 60!.
      logFactorial += Math.log(n);
      near(stirlingError(n + 1), logFactorial - stirling(n + 1), 2e-13, `${n}!`);
    }
  });

  it('fits the known gamma of one half', () => {
    near(stirlingError(0.5), Math.log(Math.PI) / 2 - stirling(0.5), 1e-15);
  });
});

describe('incompleteBeta', (it) => {
  it('has the closed forms x^a for b = 1 and 1 - (1-x)^b for a = 1', () => {
    for (const x of [1e-9, 0.01, 0.3, 0.5, 0.99]) {
      for (const power of [1, 2, 7.5, 300]) {
        close(incompleteBeta(power, 1, x), x ** power, 1e-12, `I_${x}(${power}, 1)`);
        close(incompleteBeta(1, power, x), -Math.expm1(power * Math.log1p(-x)), 1e-12, `I_${x}(1, ${power})`);
      }
    }
  });

  it('is 0 and 1 at the ends', () => {
    assert.is(incompleteBeta(3, 4, 0), 0);
    assert.is(incompleteBeta(3, 4, 1), 1);
  });

  it('adds up to 1 with its mirror image', () => {
    for (const x of [0.001, 0.2, 0.5, 0.77]) {
      close(incompleteBeta(12, 5, x) + incompleteBeta(5, 12, 1 - x), 1, 1e-13);
    }
  });
});

describe('betaQuantile', (it) => {
  it('agrees with stdlib', () => {
    const shapes = [
      [1, 20],
      [2, 565],
      [43, 524],
      [524, 43],
      [1156, 71],
      [11, 990],
      [500, 500],
    ] as const;
    for (const [a, b] of shapes) {
      for (const p of [0.005, 0.025, 0.05, 0.5, 0.95, 0.975, 0.995]) {
        // Measured: 5e-15 or less.
        close(betaQuantile(p, a, b), stdlibQuantile(p, a, b), 5e-14, `Beta(${a}, ${b}) at ${p}`);
      }
    }
  });

  it('agrees with stdlib for a hundred thousand trials', () => {
    for (const [a, b] of [
      [11, 99_990],
      [501, 99_500],
      [50_001, 50_000],
    ] as const) {
      for (const p of [0.025, 0.95]) {
        // stdlib itself is good to some 1e-12 there.
        close(betaQuantile(p, a, b), stdlibQuantile(p, a, b), 1e-12, `Beta(${a}, ${b}) at ${p}`);
      }
    }
  });
});
