import { z } from 'zod';

/** Closer to 0 or 1 than this, no number of items that a line sees could prove a share. */
const CLOSEST = 1e-9;

export const share = z.number().min(0).max(1);

/** A share that is to be proven, or a confidence: neither 0 nor 1 can be. */
export const shareOpen = z
  .number()
  .gt(0, { abort: true })
  .lt(1, { abort: true })
  .min(CLOSEST)
  .max(1 - CLOSEST);

/** From a microsecond on: what is shorter is a slip of the unit. */
export const milliseconds = z.number().gt(0, { abort: true }).min(0.001);
