import type { DuplicateGroup, DuplicateKind } from '../records/dataset.ts';

/** One readable image, as far as finding its copies needs it. */
export interface HashedImage {
  readonly id: string;
  readonly split: string;
  readonly className: string;
  readonly contentHash: string;
}

/**
 * Groups byte-identical images and says what each group means for the evaluated split. Groups are
 * ordered by their first image, and images within a group by id, both in code-unit order.
 */
export function findDuplicates(images: Iterable<HashedImage>, evaluatedSplit: string): DuplicateGroup[] {
  const byHash = new Map<string, HashedImage[]>();
  for (const image of [...images].toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const same = byHash.get(image.contentHash);
    if (same === undefined) {
      byHash.set(image.contentHash, [image]);
    } else {
      same.push(image);
    }
  }
  return [...byHash]
    .filter(([, same]) => same.length > 1)
    .map(([contentHash, same]) => ({
      content_hash: contentHash,
      kinds: kindsOf(same, evaluatedSplit),
      images: same.map(({ id, split, className }) => ({ id, split, class_name: className })),
    }));
}

/** Ids of the evaluated split's images that also stand in another split, in code-unit order. */
export function leakedIds(groups: readonly DuplicateGroup[], evaluatedSplit: string): string[] {
  return groups
    .filter(({ kinds }) => kinds.includes('leak'))
    .flatMap(({ images }) => images.filter(({ split }) => split === evaluatedSplit).map(({ id }) => id))
    .toSorted();
}

function kindsOf(same: readonly HashedImage[], evaluatedSplit: string): DuplicateKind[] {
  const evaluated = same.filter(({ split }) => split === evaluatedSplit).length;
  const kinds: DuplicateKind[] = [];
  if (evaluated > 1) {
    kinds.push('within_split');
  }
  if (evaluated > 0 && evaluated < same.length) {
    kinds.push('leak');
  }
  if (new Set(same.map(({ className }) => className)).size > 1) {
    kinds.push('contradictory');
  }
  return kinds;
}
