import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { countOf, formatCount, shortHash } from '../../shared/units.ts';
import { bullets, code, heading, paragraph, type Line } from '../mdast.ts';

/** The images that the candidates were evaluated on, and what is wrong with them. */
export function data({ dataset }: Decision): RootContent[] {
  if (dataset === null) {
    return [heading(2, 'Data'), paragraph('Not measured: the images have not been audited.')];
  }
  const perClass = dataset.per_class.map((entry) => `${formatCount(entry.images)} ${entry.class}`);
  const lines: Line[] = [
    [
      'Split ',
      code(dataset.split),
      `: ${formatCount(dataset.images)} images (${perClass.join(', ')}), fingerprint `,
      code(shortHash(dataset.fingerprint)),
      '.',
    ],
    `Duplicates: ${found(dataset.duplicate_groups, 'group')} of byte-identical images in all splits; ${found(dataset.copied_images, 'copy', 'copies')} within this one, ${found(dataset.copied_targets, 'copy', 'copies')} of the target class.`,
    `Leaks: ${found(dataset.leaked_images, 'image')} of this split also in another one (${found(dataset.leaked_groups, 'group')}).`,
    `Contradictory labels: ${found(dataset.contradictory_groups, 'group')} of identical images under different classes.`,
    `Unreadable: ${found(dataset.unreadable, 'image')} of this split.`,
    `Odd sizes: ${found(dataset.odd_sized, 'image')} of this split.`,
    `Left out of this split: ${found(dataset.ignored_links, 'link')} (to folders, to nowhere, or out of the dataset), ${found(dataset.other_files, 'other file')} (hidden, or no image by name)${dataset.other_pictures === 0 ? '' : `, of these ${countOf(dataset.other_pictures, 'picture')} of a format that is not read`}.`,
  ];
  return [heading(2, 'Data'), bullets(lines)];
}

/** An audit that found nothing says so; it is not silent. */
function found(count: number, singular: string, plural?: string): string {
  return count === 0 ? `no ${singular}` : countOf(count, singular, plural);
}
