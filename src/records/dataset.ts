import { z } from 'zod';
import { sha256, sizeSchema } from './common.ts';

const count = z.int().min(0);
/** Path of an image below the dataset's root, with forward slashes. */
const imageId = z.string().min(1);
const labelled = { id: imageId, split: z.string(), class_name: z.string() };

/**
 * Why an image cannot be used: `cannot_open` and `too_large` were not read, `broken` has a header
 * or pixels that do not decode, `unsupported_depth` is neither 8- nor 16-bit.
 */
const unreadableKind = z.enum([
  'cannot_open',
  'too_large',
  'empty',
  'not_an_image',
  'broken',
  'too_many_pixels',
  'unsupported_depth',
]);

/**
 * What files with equal bytes mean. `within_split`: two of them stand in the evaluated split.
 * `leak`: one stands in the evaluated split and one in another. `contradictory`: they stand under
 * different classes. A group outside the evaluated split, under one class, is none of these.
 */
const duplicateKind = z.enum(['within_split', 'leak', 'contradictory']);

const duplicateGroup = z.strictObject({
  content_hash: sha256,
  kinds: z.array(duplicateKind),
  images: z.array(z.strictObject(labelled)).min(2),
});

const split = z.strictObject({
  split: z.string(),
  classes: z.array(
    z.strictObject({
      class_name: z.string(),
      folder: z.string(),
      images: count,
      /** How many of `images` cannot be used. */
      unreadable: count,
    }),
  ),
  /** Files that are no images by their name, and hidden ones. */
  other_files: count,
  /** Of these, pictures of formats that are not decoded; older audits did not count them. */
  other_pictures: count.default(0),
  /** Links that were not followed: to folders, to nowhere, or out of the dataset. */
  ignored_links: z.array(z.string()),
});

/** The audit of a labelled image folder: every split, judged by headers and content hashes. */
export const datasetAuditSchema = z.strictObject({
  schema: z.literal('beltbench/dataset'),
  version: z.literal(1),
  /** The split that is evaluated. */
  split: z.string(),
  target_class: z.string(),
  /** SHA-256 over id, class and content hash of every image of the evaluated split, readable or not. */
  fingerprint: sha256,
  /** The evaluated split first, then its siblings by name. */
  splits: z.array(split).min(1),
  /** Over all splits; unreadable images are in no group. */
  duplicates: z.strictObject({
    groups: count,
    within_split: count,
    leak: count,
    contradictory: count,
  }),
  duplicate_groups: z.array(duplicateGroup),
  /** Images of the evaluated split whose bytes also stand in another split. */
  leaked_ids: z.array(imageId),
  unreadable: z.array(z.strictObject({ ...labelled, bytes: count, kind: unreadableKind, detail: z.string() })),
  /** All sizes, the most common first; its images are the ones that are not odd. */
  sizes: z.array(z.strictObject({ ...sizeSchema.shape, images: z.int().min(1) })),
  odd_sizes: z.array(z.strictObject({ ...labelled, ...sizeSchema.shape })),
});

export type DatasetAudit = z.infer<typeof datasetAuditSchema>;
export type UnreadableKind = z.infer<typeof unreadableKind>;
export type DuplicateGroup = z.infer<typeof duplicateGroup>;
export type DuplicateKind = z.infer<typeof duplicateKind>;
