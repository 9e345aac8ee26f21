import { mulberry32 } from '../../src/stats/prng.ts';

/** The 20 scored items of methods.md B4, which C1 and C5 use as well: ties at 0.20, 9 targets. */
export const twentyScores = Float64Array.from([
  0.02, 0.05, 0.07, 0.11, 0.13, 0.2, 0.2, 0.31, 0.35, 0.42, 0.48, 0.55, 0.61, 0.66, 0.72, 0.79, 0.83, 0.9, 0.94, 0.97,
]);
export const twentyLabels = Uint8Array.of(0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1);

const seeds = { warmup: 1, flat: 2, slowdown: 3, ramp: 4 };
const bases = {
  warmup: (index: number) => (index < 60 ? 12 + 8 * Math.exp(-index / 15) : 12),
  flat: () => 12,
  slowdown: (index: number) => (index < 300 ? 12 : 13.5),
  ramp: (index: number) => 12 + (0.6 * index) / 399,
};

/** The latency series A (warmup), B (flat), C (slowdown) and D (ramp) of methods.md A4. */
export function latencySeries(name: keyof typeof seeds): number[] {
  const random = mulberry32(seeds[name]);
  return Array.from({ length: 400 }, (_, index) => Number((bases[name](index) + (random() - 0.5) * 0.8).toFixed(3)));
}

/** A roughly normal number, as methods.md A5 makes them: the sum of 12 uniforms less 6. */
export function roughNormal(random: () => number): number {
  let sum = -6;
  for (let draw = 0; draw < 12; draw++) sum += random();
  return sum;
}
