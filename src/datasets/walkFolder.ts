import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';
import { idOf, staysInside, type Root } from './folders.ts';
import { hasImageExtension, isOtherPicture } from './imageFormat.ts';
import { prefetch } from './prefetch.ts';

/** More files than this below one class folder are a wrong root, not a dataset. */
export const MAX_FILES = 1_000_000;

/** `stat` calls under way at once. */
const STAT_DEPTH = 16;

export interface FoundImage {
  readonly path: string;
  readonly bytes: number;
}

/** What a folder holds beside images. */
export interface Ignored {
  /** Files that are no images by their name, and hidden entries. */
  readonly otherFiles: number;
  /** Of these, pictures of formats that are not decoded. */
  readonly otherPictures: number;
  /** Ids of links that were not followed: to folders, to nowhere, or out of the dataset. */
  readonly links: readonly string[];
}

/**
 * Finds the image files in a folder and its sub-folders, in no particular order. Hidden entries are
 * left out: a notebook's checkpoint folder holds copies. Links to files inside the root are images
 * like others; links to folders are not followed, so there are no circles.
 *
 * @throws BeltbenchError `bad_dataset` when a folder or file cannot be reached or there are more than `maxFiles`
 */
export async function walkFolder(
  root: Root,
  folder: string,
  maxFiles: number,
): Promise<{ images: FoundImage[]; ignored: Ignored }> {
  const paths: string[] = [];
  const links: string[] = [];
  const waiting = [folder];
  let otherFiles = 0;
  let otherPictures = 0;
  let seen = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for await (const entry of await openFolder(next)) {
      const path = join(next, entry.name);
      seen += 1;
      if (seen > maxFiles) {
        throw new BeltbenchError(
          'bad_dataset',
          `${folder} holds more than ${maxFiles} files, which is the most that is read; correct \`dataset.root\` or split the folder`,
        );
      }
      if (entry.name.startsWith('.')) {
        otherFiles += 1;
      } else if (entry.isDirectory()) {
        waiting.push(path);
      } else if (entry.isSymbolicLink() && !(await isLinkedFile(root, path))) {
        links.push(idOf(root, path));
      } else if ((entry.isFile() || entry.isSymbolicLink()) && hasImageExtension(entry.name)) {
        paths.push(path);
      } else {
        otherFiles += 1;
        otherPictures += isOtherPicture(entry.name) ? 1 : 0;
      }
    }
  }
  return { images: await withSizes(paths), ignored: { otherFiles, otherPictures, links: links.toSorted() } };
}

async function openFolder(path: string): ReturnType<typeof opendir> {
  return await opendir(path).catch((thrown: unknown) => {
    throw new BeltbenchError(
      'bad_dataset',
      `the folder ${path} cannot be listed: ${reasonOf(thrown)}; allow reading it`,
    );
  });
}

async function isLinkedFile(root: Root, path: string): Promise<boolean> {
  return (await staysInside(root, path)) && (await stat(path)).isFile();
}

async function withSizes(paths: readonly string[]): Promise<FoundImage[]> {
  const images: FoundImage[] = [];
  for await (const found of prefetch(paths, (path) => stat(path), STAT_DEPTH)) {
    if (!found.ok) {
      throw new BeltbenchError(
        'bad_dataset',
        `${found.item} was listed but cannot be found: ${reasonOf(found.error)}; restore it, or rename it if its name is not valid UTF-8`,
      );
    }
    images.push({ path: found.item, bytes: found.value.size });
  }
  return images;
}
