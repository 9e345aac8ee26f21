import type { Recipe } from '../../records/recipe.ts';
import type { Range, ValueStatistics } from '../statistics.ts';
import { binsOf } from './bins.ts';
import { squaredError } from './squaredError.ts';

const MOST_BINS = 2048;
/** Ends are tried from the observed one down to a 256th of it, then finer around the best. */
const COARSE_PER_OCTAVE = 8;
const OCTAVES = 8;
const FINE_PER_OCTAVE = 64;
/** The two ends hardly depend on each other. */
const ROUNDS = 2;

/**
 * The range whose integers are closest to the numbers: the smallest expected squared error of
 * rounding inside and clipping outside (Banner et al. 2019, Post Training 4-bit Quantization of
 * Convolutional Networks, section 3.1, for the numbers seen instead of a fitted distribution).
 * Numbers are taken as evenly spread within a bin, and the error is integrated exactly over it for
 * the very scale and zero point that the range gets.
 */
export function mseRange({ min, max, histogram }: ValueStatistics, activations: Recipe['activations']): Range {
  const bins = binsOf(histogram, MOST_BINS);
  const errorOf = (range: Range): number => squaredError(bins, range, activations);
  const observed: Range = { min: Math.min(min, 0), max: Math.max(max, 0) };
  const size = Math.max(-observed.min, observed.max);
  const cut = (limit: number): Range => ({ min: Math.max(observed.min, -limit), max: Math.min(observed.max, limit) });

  let best = smallest(geometric(size, COARSE_PER_OCTAVE, 0, OCTAVES).map(cut), observed, errorOf);
  const ends = activations === 's8' ? [] : (['min', 'max'] as const).filter((end) => observed[end] !== 0);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const end of ends) {
      const tried = geometric(observed[end], COARSE_PER_OCTAVE, 0, OCTAVES);
      best = smallest(
        tried.map((value) => ({ ...best, [end]: value })),
        best,
        errorOf,
      );
    }
  }
  const around = 1 / COARSE_PER_OCTAVE;
  if (activations === 's8') {
    const limit = Math.max(-best.min, best.max);
    return smallest(geometric(limit, FINE_PER_OCTAVE, -around, around).map(cut), best, errorOf);
  }
  for (const end of ends) {
    const tried = geometric(best[end], FINE_PER_OCTAVE, -around, around).map((value) =>
      Math.min(Math.max(value, observed.min), observed.max),
    );
    best = smallest(
      tried.map((value) => ({ ...best, [end]: value })),
      best,
      errorOf,
    );
  }
  return best;
}

/** From start / 2^from down to start / 2^to. */
function geometric(start: number, perOctave: number, from: number, to: number): number[] {
  return Array.from(
    { length: Math.round((to - from) * perOctave) + 1 },
    (_, step) => start * 2 ** -(from + step / perOctave),
  );
}

/** The candidate of the smallest error, `first` unless another is better. */
function smallest(candidates: readonly Range[], first: Range, errorOf: (range: Range) => number): Range {
  let best = first;
  let least = errorOf(first);
  for (const candidate of candidates) {
    const error = errorOf(candidate);
    if (error < least) {
      [best, least] = [candidate, error];
    }
  }
  return best;
}
