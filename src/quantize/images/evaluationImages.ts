import { basename, dirname, join, resolve } from 'node:path';
import { foldersIn, idOf, isFolder, openRoot, type Root } from '../../datasets/folders.ts';
import { listSiblingSplit, type ClassFolders } from '../../datasets/listImages.ts';
import { walkFolder, MAX_FILES } from '../../datasets/walkFolder.ts';

/** An image that models are judged on. */
export interface EvaluationImage {
  /** Path below the dataset's root, with forward slashes. */
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
}

/** Images to keep away from calibration, and where they lie. */
export interface EvaluationImages {
  /** As people name the folders. */
  readonly folders: readonly string[];
  readonly images: readonly EvaluationImage[];
}

/** Names of folders whose images are for judging, not for training. */
const JUDGING = /^(val|valid|validation|dev|test|testing|eval|evaluation|holdout)([-_. \d].*)?$/i;

const NONE: EvaluationImages = { folders: [], images: [] };

/** The images of a study's split; none where its folders are not on this machine. */
export async function imagesOfSplit(root: string, split: string, classes: ClassFolders): Promise<EvaluationImages> {
  if (!(await isFolder(join(root, split)))) {
    return NONE;
  }
  const opened = await openRoot(root);
  const { images } = await listSiblingSplit(opened, join(opened.path, split), classes);
  return { folders: [join(root, split)], images: images.map(({ id, path, bytes }) => ({ id, path, bytes })) };
}

/**
 * The images in and below a folder.
 *
 * @throws BeltbenchError `bad_dataset` when it is none or cannot be listed
 */
export async function imagesIn(folder: string): Promise<EvaluationImages> {
  const root = await openRoot(dirname(resolve(folder)));
  return { folders: [folder], images: await walk(root, resolve(folder)) };
}

/**
 * The images of the folders beside `folder` that are named like a split for judging: val, test and
 * the like.
 *
 * @throws BeltbenchError `bad_dataset` when one of them cannot be listed
 */
export async function imagesBeside(folder: string): Promise<EvaluationImages> {
  const own = resolve(folder);
  const parent = dirname(own);
  const names = parent === own ? [] : await foldersIn(parent);
  const judging = names.filter((name) => name !== basename(own) && JUDGING.test(name));
  const root = await openRoot(parent);
  const images: EvaluationImage[] = [];
  for (const name of judging) {
    images.push(...(await walk(root, join(parent, name))));
  }
  return { folders: judging.map((name) => join(dirname(folder), name)), images };
}

/**
 * The images in and below a folder of calibration images that lie in folders named like a split for
 * judging: somebody named the folder of the whole dataset.
 *
 * @param classFolders names of folders that hold a class: `valid` may be one
 * @returns none where there is no such folder
 * @throws BeltbenchError `bad_dataset` when it cannot be listed
 */
export async function imagesInside(folder: string, classFolders: readonly string[]): Promise<EvaluationImages> {
  if (!(await isFolder(folder))) {
    return NONE;
  }
  const root = await openRoot(folder);
  const folders = new Set<string>();
  const images = (await walk(root, root.path)).filter(({ id }) => {
    const names = id.split('/').slice(0, -1);
    const depth = names.findIndex((name) => JUDGING.test(name) && !classFolders.includes(name));
    if (depth >= 0) {
      folders.add(join(folder, ...names.slice(0, depth + 1)));
    }
    return depth >= 0;
  });
  return { folders: [...folders].toSorted(), images };
}

async function walk(root: Root, folder: string): Promise<EvaluationImage[]> {
  const { images } = await walkFolder(root, folder, MAX_FILES);
  return images.map(({ path, bytes }) => ({ id: idOf(root, path), path, bytes }));
}

/** Several places as one; an image that two of them list is kept once. */
export function mergeEvaluationImages(places: readonly EvaluationImages[]): EvaluationImages {
  const byPath = new Map(places.flatMap(({ images }) => images.map((image) => [image.path, image] as const)));
  return {
    folders: [...new Set(places.flatMap(({ folders }) => folders))],
    images: [...byPath.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}
