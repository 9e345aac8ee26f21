/** What stands at a path of a file's content; `undefined` where nothing does. */
export function valueAt(content: unknown, path: readonly string[]): unknown {
  let here = content;
  for (const key of path) {
    here = typeof here === 'object' && here !== null ? new Map(Object.entries(here)).get(key) : undefined;
  }
  return here;
}
