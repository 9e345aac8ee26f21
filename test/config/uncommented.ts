/**
 * A template with its examples made real: a line such as `# key: value` or `#   - key: value` loses
 * its comment sign, prose keeps it.
 */
export function uncommented(template: string): string {
  return template
    .split('\n')
    .map((line) => line.replace(/^(\s*)# (\s*(?:- )?[a-z0-9_]+:(?: .*)?)$/, '$1$2'))
    .join('\n');
}

/** The values of YAML as far as a path of keys leads to; `*` goes into every entry of a list or record. */
export function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const [key, ...rest] = path;
  if (key === undefined) {
    return [value];
  }
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return entries.filter(([name]) => key === '*' || name === key).flatMap(([, inner]) => valuesAt(inner, rest));
}
