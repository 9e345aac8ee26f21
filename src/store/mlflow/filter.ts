import { BeltbenchError } from '../../shared/errors.ts';

/**
 * The part of a search that asks for runs whose tag has exactly this value; join several with " and ".
 *
 * @throws BeltbenchError `bad_usage` when the name or the value holds what a search cannot quote
 */
export function tagEquals(name: string, value: string): string {
  const quote = value.includes("'") ? '"' : "'";
  if (/[`"\\]/.test(name) || value.includes(quote) || value.includes('\\')) {
    throw new BeltbenchError(
      'bad_usage',
      `a tag that is searched for holds no backtick, backslash or mixed quotes, received ${JSON.stringify(name)} = ${JSON.stringify(value.slice(0, 200))}; correct \`tags\` in the study`,
    );
  }
  return `tags.\`${name}\` = ${quote}${value}${quote}`;
}

/** Runs that were written whole and did not fail. */
export const FINISHED = "attributes.status = 'FINISHED'";
