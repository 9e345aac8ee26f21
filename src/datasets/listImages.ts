import { join } from 'node:path';
import { BeltbenchError } from '../shared/errors.ts';
import { countOf } from '../shared/units.ts';
import { idOf, isFolder, requireFolder, staysInside, type Root } from './folders.ts';
import { IMAGE_EXTENSIONS } from './imageFormat.ts';
import { MAX_FILES, walkFolder, type Ignored } from './walkFolder.ts';

/** Class names with the folder of their images below the split. */
export type ClassFolders = Readonly<Record<string, string>>;

/** One image file and what it shows according to its folder. */
export interface LabelledImage {
  /** Path below the root with forward slashes, `split/folder/name.png`: the same on every machine. */
  readonly id: string;
  readonly path: string;
  readonly className: string;
  readonly bytes: number;
}

/** The images of one split, sorted by id in code-unit order, and what was left out. */
export interface SplitListing {
  readonly images: readonly LabelledImage[];
  readonly ignored: Ignored;
}

/**
 * Lists the labelled images of one split by name alone, no image is opened, and says what was ignored.
 *
 * @param maxFiles per class folder
 * @throws BeltbenchError `bad_dataset` when the split or a class folder is missing or leads out of the
 *   root, two class folders overlap, a class has no image, or there are over a million files
 */
export async function listSplit(
  root: Root,
  split: string,
  classes: ClassFolders,
  maxFiles: number = MAX_FILES,
): Promise<SplitListing> {
  const splitFolder = await requireFolder(root, root.path, split, 'dataset.split');
  const folders = new Map<string, string>();
  for (const [className, folder] of Object.entries(classes)) {
    folders.set(className, await requireFolder(root, splitFolder, folder, `dataset.classes.${className}`));
  }
  const listings = await listFolders(root, folders, maxFiles);
  for (const [className, { images, ignored }] of listings) {
    if (images.length === 0) {
      throw new BeltbenchError(
        'bad_dataset',
        `the folder ${folders.get(className) ?? className} of class \`${className}\` ${describeImageless(ignored)}; put its images there or correct \`dataset.classes\``,
      );
    }
  }
  return merge(listings);
}

/** Lists a split that is only looked at for leaks: class folders may be missing or empty there. */
export async function listSiblingSplit(root: Root, splitFolder: string, classes: ClassFolders): Promise<SplitListing> {
  const folders = new Map<string, string>();
  for (const [className, name] of Object.entries(classes)) {
    const folder = join(splitFolder, name);
    if ((await isFolder(folder)) && (await staysInside(root, folder))) {
      folders.set(className, folder);
    }
  }
  return merge(await listFolders(root, folders, MAX_FILES));
}

async function listFolders(
  root: Root,
  folders: ReadonlyMap<string, string>,
  maxFiles: number,
): Promise<Map<string, SplitListing>> {
  const listings = new Map<string, SplitListing>();
  const classOf = new Map<string, string>();
  for (const [className, folder] of folders) {
    const { images, ignored } = await walkFolder(root, folder, maxFiles);
    const labelled = images.map(({ path, bytes }): LabelledImage => ({ id: idOf(root, path), path, className, bytes }));
    for (const { id } of labelled) {
      const other = classOf.get(id);
      if (other !== undefined) {
        throw new BeltbenchError(
          'bad_dataset',
          `${id} stands under two classes, \`${other}\` and \`${className}\`, because their folders overlap; give each class a folder of its own in \`dataset.classes\``,
        );
      }
      classOf.set(id, className);
    }
    listings.set(className, { images: labelled, ignored });
  }
  return listings;
}

/** What a class folder without an image holds instead. */
function describeImageless({ otherFiles, links }: Ignored): string {
  const instead = [
    ...(otherFiles === 0 ? [] : [countOf(otherFiles, 'other file')]),
    ...(links.length === 0
      ? []
      : [`${countOf(links.length, 'link')} that ${links.length === 1 ? 'was' : 'were'} not followed`]),
  ];
  return instead.length === 0
    ? 'is empty'
    : `holds no image (${IMAGE_EXTENSIONS.join(', ')}), only ${instead.join(' and ')}`;
}

function merge(listings: ReadonlyMap<string, SplitListing>): SplitListing {
  const all = [...listings.values()];
  return {
    images: all.flatMap(({ images }) => images).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    ignored: {
      otherFiles: all.reduce((sum, { ignored }) => sum + ignored.otherFiles, 0),
      otherPictures: all.reduce((sum, { ignored }) => sum + ignored.otherPictures, 0),
      links: all.flatMap(({ ignored }) => ignored.links).toSorted(),
    },
  };
}
