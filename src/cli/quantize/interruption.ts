import { BeltbenchError } from '../../shared/errors.ts';
import type { Io } from '../io.ts';

/** @throws BeltbenchError `interrupted` after Ctrl-C; what was half-made is removed on the way out */
export function assertNotStopped(io: Io, isSearch: boolean): void {
  if (io.interrupted.aborted) {
    const saved = isSearch ? 'the trials that were finished are saved' : 'nothing was written';
    throw new BeltbenchError('interrupted', `interrupted; ${saved}: run the same command again`);
  }
}
