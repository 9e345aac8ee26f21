const LONGEST = 60;
const MOST_ENTRIES = 5;
/** User and password end with the "@" of an address, which may stand after what is shown. */
const LONGEST_ADDRESS = 2000;

/** Foreign text fit to print: nothing that could drive a terminal or turn a line around, and not too long. */
export function printable(text: string, longest = LONGEST): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
  return cut.replaceAll(/\p{Cc}|[\u2028\u2029]|\p{Bidi_Control}|\p{Surrogate}/gu, '\uFFFD');
}

/** A value out of a file as a message quotes it. Values may be huge or hold themselves: only the outside is shown. */
export function shown(value: unknown): string {
  return printable(sketch(value, 0));
}

function sketch(value: unknown, depth: number): string {
  if (value === null) {
    return 'nothing';
  }
  if (typeof value === 'string') {
    const harmless = value.slice(0, LONGEST_ADDRESS).replaceAll(/:\/\/\S*@/g, '://***@');
    return JSON.stringify(harmless.slice(0, LONGEST));
  }
  if (Array.isArray(value)) {
    return `[${depth > 1 ? '...' : listed(value.slice(0, MOST_ENTRIES), value.length, depth)}]`;
  }
  if (typeof value === 'object') {
    const keys = Object.keys(value);
    return `{${keys.slice(0, MOST_ENTRIES).join(', ')}${keys.length > MOST_ENTRIES ? ', ...' : ''}}`;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}

function listed(values: readonly unknown[], length: number, depth: number): string {
  const sketches = values.map((value) => sketch(value, depth + 1));
  return [...sketches, ...(length > values.length ? ['...'] : [])].join(', ');
}
