import { bisect } from './bisect.ts';

/**
 * By how much Stirling's formula falls short of ln gamma(z): ln gamma(z) less
 * (z - 1/2) ln z - z + ln(2 pi) / 2 (NIST DLMF 5.11.1). Absolute error below 1e-15 for z >= 0.5.
 */
export function stirlingError(z: number): number {
  let large = z;
  let shift = 0;
  // gamma(z + 1) = z gamma(z) leads to where six terms of the series suffice.
  for (; large < 10; large++) shift += (large + 0.5) * Math.log1p(1 / large) - 1;
  const square = 1 / (large * large);
  const series = 1 / 1680 - square * (1 / 1188 - (square * 691) / 360_360);
  return shift + (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * series))) / large;
}

/** ln of `share / expected`, given their difference: near 0 without the loss of a quotient near 1. */
function logRatio(share: number, expected: number, difference: number): number {
  const relative = difference / expected;
  return Math.abs(relative) < 0.5 ? Math.log1p(relative) : Math.log(share / expected);
}

/**
 * x^a y^b / B(a, b). Not by three log gammas, whose difference loses as many digits as a + b has:
 * Stirling's large terms are cancelled by hand (the saddle-point form of Loader 2000).
 */
function betaDensityFactor(a: number, b: number, x: number, y: number): number {
  const sum = a + b;
  const excess = (x * b - y * a) / sum;
  const logs = a * logRatio(x, a / sum, excess) + b * logRatio(y, b / sum, -excess);
  const errors = stirlingError(sum) - stirlingError(a) - stirlingError(b);
  return Math.sqrt((a / sum) * (b / (2 * Math.PI))) * Math.exp(logs + errors);
}

const TINY = 1e-300;
// It converges within some sqrt(max(a, b)) steps; the limit only keeps a mistake from hanging.
const MOST_STEPS = 100_000;

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** The continued fraction of the incomplete beta function, by the modified Lentz method. */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < MOST_STEPS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) <= Number.EPSILON) break;
  }
  return fraction;
}

/**
 * The regularised incomplete beta function I_x(a, b), for a, b >= 0.5 (methods.md 0.1; NIST DLMF
 * 8.17.22). Relative error below 1e-12 for a + b up to 100,000.
 *
 * @param x in [0, 1]
 * @param y `1 - x`, for callers who know it better than the subtraction does
 */
export function incompleteBeta(a: number, b: number, x: number, y = 1 - x): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const factor = betaDensityFactor(a, b, x, y);
  return x < (a + 1) / (a + b + 2) ? (factor * betaFraction(a, b, x)) / a : 1 - (factor * betaFraction(b, a, y)) / b;
}

/** The x below which the Beta(a, b) distribution has probability `p`. Relative error as of `incompleteBeta`. */
export function betaQuantile(p: number, a: number, b: number): number {
  return bisect(0, 1, (x) => incompleteBeta(a, b, x) < p);
}
