import { BeltbenchError, reasonOf } from '../shared/errors.ts';

/** The way out where the study says where things are written. */
export const IN_REPORTS = 'free the disk or name another folder in `reports`';
/** The way out where a flag says it. */
export const AT_OUT = 'free the disk or name another --out';
/** The way out of what is written beside something that is there already. */
export const BESIDE = 'free the disk or allow writing to its folder';

/** @param wayOut what helps, as the start of "..., and run again" */
export function cannotWrite(path: string, thrown: unknown, wayOut: string): BeltbenchError {
  return new BeltbenchError(
    'cannot_write',
    `${path} cannot be written: ${reasonOf(thrown)}; nothing half-written is left: ${wayOut}, and run again`,
    { cause: thrown },
  );
}
