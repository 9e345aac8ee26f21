import type { Size } from '../config/preprocessing.ts';

/** A size and how many images have it. */
export interface SizeCount extends Size {
  readonly images: number;
}

/** Counts the sizes, the most common first; equally common ones by height, then width. */
export function countSizes(sizes: Iterable<Size>): SizeCount[] {
  const counts = new Map<string, SizeCount>();
  for (const { height, width } of sizes) {
    const key = `${height}x${width}`;
    counts.set(key, { height, width, images: (counts.get(key)?.images ?? 0) + 1 });
  }
  return [...counts.values()].toSorted((a, b) => b.images - a.images || a.height - b.height || a.width - b.width);
}
