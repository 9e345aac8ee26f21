import { join } from 'node:path';
import type { DatasetAudit, DuplicateKind } from '../records/dataset.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { findDuplicates, leakedIds } from './duplicates.ts';
import { dataFingerprint } from './fingerprint.ts';
import { idOf, openRoot, type Root } from './folders.ts';
import { inspectImage, type InspectedImage } from './inspectImage.ts';
import { listSiblingSplit, listSplit, type ClassFolders, type SplitListing } from './listImages.ts';
import { prefetch } from './prefetch.ts';
import { findSiblingSplits } from './siblingSplits.ts';
import { countSizes } from './sizes.ts';
import { UnreadableImage } from './unreadableImage.ts';

/** Files read at once; each may be up to 64 MB. */
const INSPECT_DEPTH = 8;

/** The part of a study that says where the images are. */
export interface AuditInput {
  readonly root: string;
  readonly split: string;
  readonly classes: ClassFolders;
  readonly targetClass: string;
}

/** One image of the evaluated split, for whoever runs models on it. */
export interface SplitImage {
  readonly id: string;
  readonly path: string;
  readonly className: string;
  /** SHA-256 of the file; `undefined` where it was not read. */
  readonly contentHash: string | undefined;
  /** False where the header already shows that it cannot be used. Broken pixels show only when they are decoded. */
  readonly readable: boolean;
}

export interface AuditedDataset {
  /** What is saved. */
  readonly audit: DatasetAudit;
  /** The evaluated split in code-unit order of the ids. */
  readonly splitImages: readonly SplitImage[];
}

interface ListedSplit {
  readonly split: string;
  readonly listing: SplitListing;
}

/**
 * Audits the evaluated split and its siblings: counts, byte-identical files and what they mean,
 * files that cannot be used, odd sizes, and the data fingerprint. Every file is read and hashed
 * once; of the image only the header is decoded.
 *
 * @param onProgress called after each file with how many are done, of how many
 * @throws BeltbenchError `bad_dataset` when the split cannot be listed (see `listSplit`) or a class
 * has no image that can be used
 */
export async function auditDataset(
  input: AuditInput,
  onProgress?: (done: number, total: number) => void,
): Promise<AuditedDataset> {
  const root = await openRoot(input.root);
  const splits = await listAllSplits(root, input);
  const [evaluated] = splits;
  const images = await inspectAll(splits, onProgress);
  const own = images.filter(({ split }) => split === evaluated.split);
  assertClassesUsable(own, input.classes);
  const usable = images.flatMap((image) =>
    image.header instanceof UnreadableImage ? [] : [{ ...image, header: image.header }],
  );
  const groups = findDuplicates(usable.flatMap(withHash), evaluated.split);
  const sizes = countSizes(usable.map(({ header }) => header));
  const common = sizes[0];
  const countKind = (kind: DuplicateKind): number => groups.filter(({ kinds }) => kinds.includes(kind)).length;
  return {
    audit: {
      schema: 'beltbench/dataset',
      version: 1,
      split: evaluated.split,
      target_class: input.targetClass,
      fingerprint: dataFingerprint(own),
      splits: splits.map((listed) => summarise(listed, images, input.classes)),
      duplicates: {
        groups: groups.length,
        within_split: countKind('within_split'),
        leak: countKind('leak'),
        contradictory: countKind('contradictory'),
      },
      duplicate_groups: groups,
      leaked_ids: leakedIds(groups, evaluated.split),
      unreadable: images.flatMap(describeUnreadable),
      sizes,
      odd_sizes: usable
        .filter(({ header }) => header.width !== common?.width || header.height !== common.height)
        .map(({ id, split, className, header: { width, height } }) => ({
          id,
          split,
          class_name: className,
          width,
          height,
        })),
    },
    splitImages: own.map(({ id, path, className, contentHash, header }) => ({
      id,
      path,
      className,
      contentHash,
      readable: !(header instanceof UnreadableImage),
    })),
  };
}

async function listAllSplits(root: Root, { split, classes }: AuditInput): Promise<[ListedSplit, ...ListedSplit[]]> {
  const evaluated: ListedSplit = {
    split: idOf(root, join(root.path, split)),
    listing: await listSplit(root, split, classes),
  };
  const siblings: ListedSplit[] = [];
  for (const name of await findSiblingSplits(root, split, classes)) {
    siblings.push({ split: name, listing: await listSiblingSplit(root, join(root.path, name), classes) });
  }
  return [evaluated, ...siblings];
}

async function inspectAll(
  splits: readonly ListedSplit[],
  onProgress: ((done: number, total: number) => void) | undefined,
): Promise<InspectedImage[]> {
  const all = splits.flatMap(({ split, listing }) => listing.images.map((image) => ({ image, split })));
  const inspected: InspectedImage[] = [];
  for await (const loaded of prefetch(all, ({ image, split }) => inspectImage(image, split), INSPECT_DEPTH)) {
    if (!loaded.ok) {
      throw loaded.error;
    }
    inspected.push(loaded.value);
    onProgress?.(inspected.length, all.length);
  }
  return inspected;
}

function assertClassesUsable(images: readonly InspectedImage[], classes: ClassFolders): void {
  for (const className of Object.keys(classes)) {
    const own = images.filter((image) => image.className === className);
    const problems = own.flatMap(({ header }) => (header instanceof UnreadableImage ? [header] : []));
    const [first] = problems;
    if (first !== undefined && problems.length === own.length) {
      throw new BeltbenchError(
        'bad_dataset',
        `not one of the ${own.length} images of class \`${className}\` can be used; the first: ${first.message}`,
      );
    }
  }
}

function withHash(image: InspectedImage): (InspectedImage & { contentHash: string })[] {
  return image.contentHash === undefined ? [] : [{ ...image, contentHash: image.contentHash }];
}

function summarise(
  { split, listing }: ListedSplit,
  images: readonly InspectedImage[],
  classes: ClassFolders,
): DatasetAudit['splits'][number] {
  return {
    split,
    classes: Object.entries(classes).map(([className, folder]) => {
      const own = images.filter((image) => image.split === split && image.className === className);
      return {
        class_name: className,
        folder,
        images: own.length,
        unreadable: own.filter(({ header }) => header instanceof UnreadableImage).length,
      };
    }),
    other_files: listing.ignored.otherFiles,
    other_pictures: listing.ignored.otherPictures,
    ignored_links: [...listing.ignored.links],
  };
}

function describeUnreadable({ id, split, className, bytes, header }: InspectedImage): DatasetAudit['unreadable'] {
  return header instanceof UnreadableImage
    ? [{ id, split, class_name: className, bytes, kind: header.kind, detail: header.detail }]
    : [];
}
