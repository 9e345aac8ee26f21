/** What became of one item: one that failed is told in its place and does not end the sequence. */
export type Loaded<T, R> =
  | { readonly ok: true; readonly item: T; readonly value: R }
  | { readonly ok: false; readonly item: T; readonly error: unknown };

/**
 * Loads items ahead of their consumer and yields them in order. At most `depth` loads are under way
 * or waiting beside the one that the consumer holds, so memory stays bounded however slow it is.
 * When the consumer stops early, no further load is started and those under way are awaited.
 *
 * @throws RangeError when `depth` is not a whole number above 0
 */
export async function* prefetch<T, R>(
  items: Iterable<T>,
  load: (item: T) => Promise<R>,
  depth: number,
): AsyncGenerator<Loaded<T, R>, void, undefined> {
  if (!Number.isInteger(depth) || depth < 1) {
    throw new RangeError(`expected a whole depth of at least 1, received ${depth}`);
  }
  const pending: Promise<Loaded<T, R>>[] = [];
  const source = items[Symbol.iterator]();
  const fill = (): void => {
    while (pending.length < depth) {
      const next = source.next();
      if (next.done === true) {
        return;
      }
      pending.push(settle(next.value, load));
    }
  };
  try {
    fill();
    for (let head = pending.shift(); head !== undefined; head = pending.shift()) {
      const loaded = await head;
      fill();
      yield loaded;
    }
  } finally {
    source.return?.();
    await Promise.all(pending);
  }
}

/** Never rejects, so that a load that fails while nobody awaits it yet does not end the process. */
async function settle<T, R>(item: T, load: (item: T) => Promise<R>): Promise<Loaded<T, R>> {
  try {
    return { ok: true, item, value: await load(item) };
  } catch (error) {
    return { ok: false, item, error };
  }
}
