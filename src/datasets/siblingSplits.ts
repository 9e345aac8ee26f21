import { realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { foldersIn, idOf, isFolder, staysInside, type Root } from './folders.ts';
import type { ClassFolders } from './listImages.ts';

/**
 * The other splits of the dataset: the folders beside the evaluated one that hold at least one of
 * the class folders, by name. A folder that is a link to a split already seen, or out of the root,
 * is none.
 */
export async function findSiblingSplits(root: Root, split: string, classes: ClassFolders): Promise<string[]> {
  const evaluated = resolve(root.path, split);
  if (evaluated === root.path) {
    return [];
  }
  const parent = dirname(evaluated);
  const seen = new Set([await realpath(evaluated)]);
  const found: string[] = [];
  for (const name of await foldersIn(parent)) {
    const folder = join(parent, name);
    const real = await realpath(folder);
    if (!seen.has(real) && (await staysInside(root, folder)) && (await holdsClass(folder, classes))) {
      seen.add(real);
      found.push(idOf(root, folder));
    }
  }
  return found;
}

async function holdsClass(folder: string, classes: ClassFolders): Promise<boolean> {
  for (const name of Object.values(classes)) {
    if (await isFolder(join(folder, name))) {
      return true;
    }
  }
  return false;
}
