import { createHash } from 'node:crypto';
import { mulberry32, shuffle } from '../stats/prng.ts';

/** Enough different images that no cache or branch predictor learns them, few enough to stay in memory. */
const INPUT_COUNT = 32;

/** An image that may be fed to a model under measurement. */
export interface InputImage {
  readonly path: string;
  readonly contentHash: string;
}

/** Picks the images that are fed in rotation: the same for every candidate, by the study's seed. */
export function pickInputs(images: readonly InputImage[], seed: number): { paths: string[]; sha256: string } {
  const picked = shuffle(images, mulberry32(seed)).slice(0, INPUT_COUNT);
  const hash = createHash('sha256');
  for (const { contentHash } of picked) {
    hash.update(`${contentHash}\n`);
  }
  return { paths: picked.map(({ path }) => path), sha256: hash.digest('hex') };
}

/** The iterations of each round, as equal as whole numbers allow; their sum is `iterations`. */
export function spreadIterations(iterations: number, rounds: number): number[] {
  return Array.from({ length: rounds }, (_, index) => {
    const until = Math.floor(((index + 1) * iterations) / rounds);
    return until - Math.floor((index * iterations) / rounds);
  });
}
