import { BeltbenchError } from '../shared/errors.ts';
import type { ModelCardFile } from './modelCardSchema.ts';
import { check } from './problems.ts';
import { printable } from './shown.ts';
import { studyProblem } from './studyChecks.ts';
import { studySchema, type StudyFile } from './studySchema.ts';

/** Labelled images that no study names. */
export interface LabelledFolder {
  readonly root: string;
  readonly split: string;
  /** Names of the folders in it. */
  readonly folders: readonly string[];
}

/**
 * The study that a card and a folder of labelled images make, with every default. Which folder shows
 * which class is told by the names: the same, or one that holds the class's name as a word.
 *
 * @throws BeltbenchError `bad_usage` when the names do not tell
 */
export function standInStudy(cardPath: string, card: ModelCardFile, images: LabelledFolder): StudyFile {
  const classes = foldersOfClasses(card.classes, images);
  const content = {
    story: 'quantize',
    dataset: { root: images.root, split: images.split, classes, target_class: Object.keys(classes)[0] },
    candidates: [{ id: 'model', card: cardPath }],
  };
  const checked = check(studySchema, content);
  const problem = checked.ok ? studyProblem(checked.value, []) : checked.problem;
  if (!checked.ok || problem !== undefined) {
    throw new BeltbenchError('bad_usage', `--evaluation cannot be used: ${problem}; name a study with --study`);
  }
  return checked.value;
}

function foldersOfClasses(
  stated: ModelCardFile['classes'],
  { root, split, folders }: LabelledFolder,
): Record<string, string> {
  if (stated === 'unknown') {
    return Object.fromEntries(folders.map((name) => [name, name]));
  }
  const taken = stated.map((name) => [name, folderOf(name, folders)] as const);
  const found = taken.flatMap(([name, folder]) => (folder === undefined ? [] : [[name, folder] as const]));
  if (found.length < taken.length || new Set(found.map(([, folder]) => folder)).size < found.length) {
    throw new BeltbenchError(
      'bad_usage',
      `--evaluation needs a folder per class of the card (${stated.map((name) => printable(name)).join(', ')}), received ${folders.map((name) => printable(name)).join(', ') || 'no folders'} in ${root}/${split}; rename them, or name a study with --study, whose \`dataset.classes\` says which is which`,
    );
  }
  return Object.fromEntries(found);
}

function folderOf(className: string, folders: readonly string[]): string | undefined {
  if (folders.includes(className)) {
    return className;
  }
  const holding = folders.filter((folder) => `_${folder}_`.replaceAll(/[-. ]/g, '_').includes(`_${className}_`));
  return holding.length === 1 ? holding[0] : undefined;
}
