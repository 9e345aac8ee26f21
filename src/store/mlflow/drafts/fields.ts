/** What every version of MLflow takes, in characters; a longer text is cut. */
const MOST_NAME = 250;
const MOST_PARAM = 500;
const MOST_TAG = 5000;

type Value = string | number | boolean | readonly (string | number)[] | null | undefined;

/** Names to texts. What is null, undefined or empty is left out: an absent value is no value. */
export function paramsOf(values: Readonly<Record<string, Value>>): ReadonlyMap<string, string> {
  return textsOf(values, MOST_PARAM);
}

/** As `paramsOf`, with the length that tags may have. */
export function tagsOf(values: Readonly<Record<string, Value>>): ReadonlyMap<string, string> {
  return textsOf(values, MOST_TAG);
}

/** Names to numbers. What is absent or not finite is left out: it is no measurement, and never a zero. */
export function metricsOf(
  entries: readonly (readonly [string, number | null | undefined])[],
): ReadonlyMap<string, number> {
  const metrics = new Map<string, number>();
  for (const [name, value] of entries) {
    if (value !== null && value !== undefined && Number.isFinite(value)) {
      metrics.set(freeName(metrics, nameOf(name)), value);
    }
  }
  return metrics;
}

function textsOf(values: Readonly<Record<string, Value>>, most: number): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    const text = Array.isArray(value) ? value.join(', ') : String(value ?? '');
    if (text !== '') {
      texts.set(freeName(texts, nameOf(name)), text.length > most ? `${text.slice(0, most - 3)}...` : text);
    }
  }
  return texts;
}

/** MLflow takes letters, digits, "_", "-", "." and spaces; slashes too, but they would be folders. */
function nameOf(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}_. -]/gu, '_').slice(0, MOST_NAME);
}

/** Two classes whose names differ only in what was replaced must not be one metric. */
function freeName(taken: ReadonlyMap<string, unknown>, name: string): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) {
    free = `${name.slice(0, MOST_NAME - 8)}_${n}`;
  }
  return free;
}
