import type { StudyFile } from '../config/studySchema.ts';
import type { Warning } from '../records/common.ts';
import type { DatasetAudit } from '../records/dataset.ts';
import type { Decision } from '../records/decision.ts';
import { countOf } from '../shared/units.ts';

type DatasetFacts = NonNullable<Decision['dataset']>;

/** What the audit found of the images that the candidates were evaluated on. */
export function datasetFacts(dataset: DatasetAudit): DatasetFacts {
  const evaluated = dataset.splits.find(({ split }) => split === dataset.split);
  const classes = evaluated?.classes ?? [];
  const inSplit = (entries: readonly { split: string }[]): number =>
    entries.filter(({ split }) => split === dataset.split).length;
  return {
    split: dataset.split,
    fingerprint: dataset.fingerprint,
    images: classes.reduce((sum, entry) => sum + entry.images, 0),
    per_class: classes.map((entry) => ({ class: entry.class_name, images: entry.images })),
    duplicate_groups: dataset.duplicates.groups,
    copied_images: countCopies(dataset, () => true),
    copied_targets: countCopies(dataset, (className) => className === dataset.target_class),
    leaked_groups: dataset.duplicates.leak,
    leaked_images: dataset.leaked_ids.length,
    contradictory_groups: dataset.duplicates.contradictory,
    unreadable: inSplit(dataset.unreadable),
    odd_sized: inSplit(dataset.odd_sizes),
    ignored_links: evaluated?.ignored_links.length ?? 0,
    other_files: evaluated?.other_files ?? 0,
    other_pictures: evaluated?.other_pictures ?? 0,
  };
}

/** Images of the evaluated split that show nothing which another one of the same class does not. */
function countCopies(
  { split, duplicate_groups: groups }: DatasetAudit,
  isMeant: (className: string) => boolean,
): number {
  return groups
    .map(({ images }) => images.filter((image) => image.split === split && isMeant(image.class_name)))
    .map((images) => images.length - new Set(images.map((image) => image.class_name)).size)
    .reduce((sum, copies) => sum + copies, 0);
}

/** What of it casts doubt on every candidate's figures. */
export function datasetWarnings(facts: DatasetFacts): Warning[] {
  const { split } = facts;
  const found: [boolean, string, string][] = [
    [
      facts.leaked_groups > 0,
      'leaked_images',
      `${countOf(facts.leaked_images, 'image')} of ${split} (in ${countOf(facts.leaked_groups, 'group')} of identical ones) also in another split: accuracy and recall are too high by what the models learned by heart`,
    ],
    [
      facts.copied_images > facts.copied_targets,
      'duplicate_images',
      `${countOf(facts.copied_images, 'image')} of ${split} ${facts.copied_images === 1 ? 'is a copy' : 'are copies'} of another one of it: the images are fewer than they seem, and what is said of accuracy and false rejects surer than it should be`,
    ],
    [
      facts.copied_targets > 0,
      'copied_targets',
      `${countOf(facts.copied_targets, 'target image')} of ${split} ${facts.copied_targets === 1 ? 'is a copy' : 'are copies'} of another one of it: no evidence of their own, so the certified recall leaves them out; recall at argmax and in production counts them`,
    ],
    [
      facts.contradictory_groups > 0,
      'contradictory_labels',
      `${countOf(facts.contradictory_groups, 'group')} of identical images under different classes: one label of each is wrong`,
    ],
    [
      facts.unreadable > 0,
      'unreadable_images',
      `${countOf(facts.unreadable, 'image')} of ${split} could not be read and had to be left out`,
    ],
    [
      facts.odd_sized > 0,
      'odd_sizes',
      `${countOf(facts.odd_sized, 'image')} of ${split} of another size than the rest: check where they come from`,
    ],
    [
      facts.ignored_links > 0,
      'ignored_links',
      `${countOf(facts.ignored_links, 'link')} in ${split} not followed (to folders, to nowhere, or out of the dataset), so what they show was not evaluated: put the files themselves there`,
    ],
    [
      facts.other_pictures > 0,
      'other_pictures',
      `${countOf(facts.other_pictures, 'picture')} in ${split} of a format that is not read, and so not evaluated: save ${facts.other_pictures === 1 ? 'it' : 'them'} as PNG`,
    ],
  ];
  return found.flatMap(([holds, code, message]) => (holds ? [{ code, message }] : []));
}

/** A wrong guess turns every recall around, so it is no small print. */
export function targetWarnings({ target_class: target, target_guess: guess }: StudyFile['dataset']): Warning[] {
  const ground = { 'by name': "the folders' names", 'by alphabet': 'the alphabet alone' };
  return guess === undefined
    ? []
    : [
        {
          code: 'guessed_target',
          message: `\`init\` took \`${target}\` for the class that must not be missed, guessed from ${ground[guess]}, and every recall is about it: confirm or correct \`dataset.target_class\` and remove \`target_guess\``,
        },
      ];
}
