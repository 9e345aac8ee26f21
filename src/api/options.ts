import { z } from 'zod';

/** Nearer to 0 or 1 than this nothing can be proven with any number of items. */
const NEAREST = 1e-9;

/** A share that can be proven, or a confidence that can be had. */
export const openShare = z
  .number()
  .gt(0, { abort: true })
  .lt(1, { abort: true })
  .refine((share) => share >= NEAREST && share <= 1 - NEAREST, `expected a share at least ${NEAREST} from 0 and 1`);

export const confidenceOption = openShare.default(0.95);

/** A recall that must be proven, and how sure one must be of it. */
export interface RecallOptions {
  /** The least share of targets that must be found; default 0.99. */
  readonly recallFloor?: number | undefined;
  /** One-sided; default 0.95. */
  readonly confidence?: number | undefined;
}

export const recallOptions = z
  .strictObject({ recallFloor: openShare.default(0.99), confidence: confidenceOption })
  .prefault({});

export interface CountOptions {
  /** Default 0.95. */
  readonly confidence?: number | undefined;
}

export const countOptions = z.strictObject({ confidence: confidenceOption }).prefault({});

/** How many: no one counts further. */
export const count = z.int().min(0).max(1e12);
