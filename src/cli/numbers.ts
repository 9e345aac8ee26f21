import { BeltbenchError } from '../shared/errors.ts';

/** Which numbers an option takes. */
export interface NumberRule {
  readonly least: number;
  readonly most: number;
  readonly isWhole?: boolean;
  /** What it counts, such as "milliseconds". */
  readonly unit?: string;
}

/**
 * Reads an option's number; yargs would turn what is no number into NaN and say nothing.
 *
 * @param orWord what the option takes beside numbers, for the message
 */
export function numberOf(
  option: string,
  { least, most, isWhole = false, unit }: NumberRule,
  orWord?: string,
): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!(value >= least && value <= most) || (isWhole && !Number.isInteger(value))) {
      const what = isWhole ? 'a whole number' : 'a number';
      throw new BeltbenchError(
        'bad_usage',
        `${option} must be ${what}${unit === undefined ? '' : ` of ${unit}`} from ${least} to ${most}${orWord === undefined ? '' : ` or ${orWord}`}, received ${text}; correct it`,
      );
    }
    return value;
  };
}
