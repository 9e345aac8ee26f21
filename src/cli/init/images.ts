import { nameOf } from '../../config/modelCardSchema.ts';
import type { FoundDataset } from './lookAround.ts';
import { guessTargetClass, type GuessedClass } from './targetClass.ts';

/** The labelled images a study is written for. */
export interface StudyImages {
  readonly root: string;
  readonly split: string;
  /** Class to folder; a folder's name is its class's. */
  readonly classes: Readonly<Record<string, string>>;
  readonly target: GuessedClass | undefined;
}

/** Takes the first labelled folder, without class folders whose names no study can hold. */
export function chooseImages(datasets: readonly FoundDataset[]): StudyImages | undefined {
  for (const { root, split, folders } of datasets) {
    const names = folders.filter(isName);
    if (names.length > 1 && nameOf(1000).safeParse(root).success) {
      return {
        root,
        split,
        classes: Object.fromEntries(names.map((name) => [name, name])),
        target: guessTargetClass(names),
      };
    }
  }
  return undefined;
}

/** Whether a study can hold a class of this name. */
function isName(name: string): boolean {
  return name !== '__proto__' && nameOf(100).safeParse(name).success;
}
