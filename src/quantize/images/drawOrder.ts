import { mulberry32, shuffle } from '../../stats/prng.ts';

/**
 * The images in the order in which they are drawn: one of each sub-folder in turn, so that every
 * class is there in equal parts as far as it goes, and by chance within a sub-folder. The order
 * depends on the ids and the seed alone.
 *
 * @param images ids are paths below the folder, with forward slashes
 */
export function drawOrder<T extends { readonly id: string }>(images: readonly T[], seed: number): T[] {
  const groups = new Map<string, T[]>();
  for (const image of images.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const name = subFolderOf(image.id);
    const group = groups.get(name);
    if (group === undefined) {
      groups.set(name, [image]);
    } else {
      group.push(image);
    }
  }
  const random = mulberry32(seed);
  const shuffled = [...groups.values()].map((group) => shuffle(group, random));
  const longest = Math.max(0, ...shuffled.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => shuffled.flatMap((group) => group.slice(turn, turn + 1))).flat();
}

function subFolderOf(id: string): string {
  const slash = id.indexOf('/');
  return slash === -1 ? '' : id.slice(0, slash);
}
