import { ValueObserver } from '../../../src/quantize/observer.ts';
import type { ValueStatistics } from '../../../src/quantize/statistics.ts';

/** Statistics of a list of numbers. */
export function statisticsOf(values: Float32Array): ValueStatistics {
  const observer = new ValueObserver(undefined, 'x');
  observer.add(values, [values.length]);
  return observer.statistics();
}

/**
 * 10007 numbers with heavy tails from -49.7 to 49.7, by arithmetic that Python does alike:
 * k = numpy.arange(10007); t = (2 * k - 10006) / 10007; (t / (1.02 - abs(t))).astype(float32).
 */
export function heavyTailed(): Float32Array {
  return Float32Array.from({ length: 10007 }, (_, k) => {
    const t = (2 * k - 10006) / 10007;
    return t / (1.02 - Math.abs(t));
  });
}

/** As behind a ReLU. */
export function oneSided(): Float32Array {
  return heavyTailed().map((value) => Math.max(value, 0));
}

/** As behind a GELU: short on the negative side. */
export function skewed(): Float32Array {
  return heavyTailed().map((value) => (value < 0 ? value / 64 : value));
}

/** Short tails, and one number in a thousand far out. */
export function withOutliers(): Float32Array {
  return heavyTailed().map((value, k) => (k % 1000 === 0 ? value : value / 16));
}

/**
 * As behind a ReLU over images whose background is black: most pixels give each channel one number of
 * its own, the others an exponential distribution with a few numbers far out.
 */
export function heaped(): Float32Array {
  const [channels, pixels] = [48, 512];
  return Float32Array.from({ length: channels * pixels }, (_, index) => {
    const [channel, pixel] = [index % channels, Math.floor(index / channels)];
    const background = Math.max(0, Math.sin(channel * 12.9898));
    const fruit = -Math.log(1 - (((index * 7919) % 24_571) + 0.5) / 24_571);
    return pixel % 4 === 0 ? fruit : background;
  });
}

/** Statistics of a billion numbers of a distribution function, in bins of 1/128 from `low` to `high`. */
export function statisticsOfCdf(cdf: (x: number) => number, low: number, high: number): ValueStatistics {
  const count = 1e9;
  const edge = (bin: number): number => low + bin / 128;
  const counts = Float64Array.from(
    { length: (high - low) * 128 },
    (_, bin) => count * (cdf(edge(bin + 1)) - cdf(edge(bin))),
  );
  return { count, min: low, max: high, histogram: { low, high, counts }, channels: undefined };
}

export function laplaceCdf(x: number): number {
  return x < 0 ? Math.exp(x) / 2 : 1 - Math.exp(-x) / 2;
}
