import type { z } from 'zod';
import { check } from '../config/problems.ts';
import { shown } from '../config/shown.ts';
import { BeltbenchError } from '../shared/errors.ts';

/**
 * What a caller passed, with the defaults filled in; callers from JavaScript pass anything.
 *
 * @param call the function's name, for the message
 * @throws BeltbenchError `bad_usage`: one line that says the key, the rule and what was received
 */
export function checkArgument<T extends z.ZodType>(call: string, schema: T, value: unknown): z.infer<T> {
  const checked = check(schema, value);
  if (!checked.ok) {
    throw new BeltbenchError('bad_usage', `${call}: ${checked.problem}`);
  }
  return checked.value;
}

/**
 * The numbers of an array or typed array, which may hold millions.
 *
 * @param what the array's name, for the message
 * @throws BeltbenchError `bad_usage` when it is no array, or holds anything but finite numbers
 */
export function checkNumbers(call: string, what: string, value: unknown): Float64Array {
  if (!isNumberList(value)) {
    throw new BeltbenchError('bad_usage', `${call}: \`${what}\` must be an array of numbers, received ${shown(value)}`);
  }
  const numbers = new Float64Array(value.length);
  for (let index = 0; index < numbers.length; index += 1) {
    const number = value[index];
    if (typeof number !== 'number' || !Number.isFinite(number)) {
      throw new BeltbenchError(
        'bad_usage',
        `${call}: \`${what}\` must hold finite numbers, received ${shown(number)} at ${index}; leave it out or measure it again`,
      );
    }
    numbers[index] = number;
  }
  return numbers;
}

/** An array or typed array; what it holds is checked one by one. */
export function isNumberList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
