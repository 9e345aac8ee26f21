import { createHash } from 'node:crypto';
import type { Preprocessing, Size } from '../../config/preprocessing.ts';
import { idOf, isFolder, openRoot } from '../../datasets/folders.ts';
import { IMAGE_EXTENSIONS } from '../../datasets/imageFormat.ts';
import { prefetch } from '../../datasets/prefetch.ts';
import { createPreprocess } from '../../datasets/preprocess.ts';
import { UnreadableImage } from '../../datasets/unreadableImage.ts';
import { MAX_FILES, walkFolder } from '../../datasets/walkFolder.ts';
import type { CalibrationRecord } from '../../records/quantization.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { countOf } from '../../shared/units.ts';
import type { CalibrationImage } from '../job.ts';
import { drawOrder } from './drawOrder.ts';
import type { EvaluationImages } from './evaluationImages.ts';
import { findOverlaps, type Overlap } from './overlaps.ts';

/** Ranges of fewer images say little of the line's; 100 to 200 are usual. */
export const FEWEST_IMAGES = 8;

/** Images decoded ahead. */
const DECODE_DEPTH = 4;

/** Which images calibration may take, and how. */
export interface ImageChoice {
  readonly folder: string;
  readonly count: number;
  readonly seed: number;
  readonly judged: EvaluationImages;
  readonly preprocessing: Preprocessing;
  readonly inputSize: Size;
}

export interface ChosenImages {
  /** In the order of their paths. */
  readonly images: readonly CalibrationImage[];
  readonly record: CalibrationRecord;
}

interface Listed {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
}

/**
 * Draws the calibration images: by the seed, spread over the sub-folders, each content once, none
 * that a model is judged on. Every one is preprocessed here, so that one that cannot be used is
 * replaced now and not found in the middle of the work.
 *
 * @throws BeltbenchError `bad_usage` when `folder` is none; `bad_dataset` when too few images are
 * left, or one has a size that the card refuses
 */
export async function chooseImages(
  choice: ImageChoice,
  onProgress?: (done: number, total: number) => void,
): Promise<ChosenImages> {
  const { folder, count, seed, judged } = choice;
  const listed = await listFolder(folder);
  const overlaps = await findOverlaps(listed, judged.images);
  const free = listed.filter(({ path }) => !overlaps.has(path));
  const { accepted, unusable } = await drawUsable(drawOrder(free, seed), choice, onProgress);
  if (accepted.length < FEWEST_IMAGES) {
    throw new BeltbenchError('bad_dataset', tooFew(choice, listed, overlaps, accepted, unusable));
  }
  const images = accepted.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    images: images.map(({ path, contentHash }) => ({ path, contentHash })),
    record: {
      folder,
      seed,
      requested: count,
      images: images.map(({ id, contentHash }) => ({ path: id, content_hash: contentHash })),
      sha256: digestOf(images.map(({ contentHash }) => contentHash)),
      evaluation_folders: [...judged.folders],
      left_out: listed.flatMap(({ id, path }) => describeOverlap(id, overlaps.get(path))),
      unusable,
    },
  };
}

/** @throws BeltbenchError `bad_usage` */
export async function assertCalibrationFolder(folder: string): Promise<void> {
  if (!(await isFolder(folder))) {
    throw new BeltbenchError(
      'bad_usage',
      `--calibration must be a folder with images or with a folder of images per class, received ${folder}, which is none; correct it`,
    );
  }
}

async function listFolder(folder: string): Promise<Listed[]> {
  await assertCalibrationFolder(folder);
  const root = await openRoot(folder);
  const { images, ignored } = await walkFolder(root, root.path, MAX_FILES);
  if (images.length === 0) {
    throw new BeltbenchError(
      'bad_dataset',
      `the folder ${folder} of --calibration must hold images (${IMAGE_EXTENSIONS.join(', ')}), and holds none, only ${countOf(ignored.otherFiles, 'other file')}; name the folder of the training images`,
    );
  }
  return images
    .map(({ path, bytes }) => ({ id: idOf(root, path), path, bytes }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

type Accepted = Listed & { readonly contentHash: string };

async function drawUsable(
  drawn: readonly Listed[],
  { count, preprocessing, inputSize }: ImageChoice,
  onProgress: ((done: number, total: number) => void) | undefined,
): Promise<{ accepted: Accepted[]; unusable: CalibrationRecord['unusable'] }> {
  const preprocess = createPreprocess(preprocessing, inputSize);
  const accepted = new Map<string, Accepted>();
  const unusable: CalibrationRecord['unusable'] = [];
  const total = Math.min(count, drawn.length);
  for await (const loaded of prefetch(drawn, ({ path }) => preprocess(path), DECODE_DEPTH)) {
    if (loaded.ok) {
      const { contentHash } = loaded.value;
      // A copy would only count one image twice.
      if (!accepted.has(contentHash)) {
        accepted.set(contentHash, { ...loaded.item, contentHash });
      }
    } else if (loaded.error instanceof UnreadableImage) {
      unusable.push({ path: loaded.item.id, reason: loaded.error.message });
    } else {
      throw loaded.error;
    }
    onProgress?.(accepted.size, total);
    if (accepted.size === count) {
      break;
    }
  }
  return { accepted: [...accepted.values()], unusable };
}

function describeOverlap(id: string, overlap: Overlap | undefined): CalibrationRecord['left_out'] {
  return overlap === undefined ? [] : [{ path: id, content_hash: overlap.contentHash, also_at: [...overlap.alsoAt] }];
}

function tooFew(
  { folder, judged }: ImageChoice,
  listed: readonly Listed[],
  overlaps: ReadonlyMap<string, Overlap>,
  accepted: readonly Accepted[],
  unusable: readonly { reason: string }[],
): string {
  const why = [
    ...(overlaps.size === 0
      ? []
      : [`${overlaps.size} also stand in ${judged.folders.join(', ')}, where models are judged`]),
    ...(unusable[0] === undefined ? [] : [`${unusable.length} cannot be read, the first: ${unusable[0].reason}`]),
  ];
  return `calibration needs at least ${FEWEST_IMAGES} different images that no model is judged on, and of the ${listed.length} in ${folder} ${accepted.length} are${why.length === 0 ? '' : ` (${why.join('; ')})`}; name the folder of the training images`;
}

/** The same images, the same digest, whatever their names. */
function digestOf(hashes: readonly string[]): string {
  const digest = createHash('sha256');
  for (const hash of hashes.toSorted()) {
    digest.update(`${hash}\n`);
  }
  return digest.digest('hex');
}
