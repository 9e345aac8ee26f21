import * as assert from 'uvu/assert';
import { BeltbenchError } from '../src/shared/errors.ts';

/** Asserts that `run` rejects with a BeltbenchError of one line that matches `pattern`; uvu's own `throws` accepts any error. */
export async function rejects(run: () => unknown, pattern: RegExp): Promise<void> {
  let thrown: unknown;
  try {
    await run();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof BeltbenchError)) {
    throw new Error(`expected a BeltbenchError, got ${String(thrown)}`, { cause: thrown });
  }
  assert.match(thrown.message, pattern);
  assert.not.match(thrown.message, /\n/, 'the message must stand on one line');
}
