import { isAbsolute, posix, win32 } from 'node:path';
import { hint } from './hint.ts';
import { modesProblem } from './modesChecks.ts';
import { selectionProblem } from './selectionOverrides.ts';
import { printable } from './shown.ts';
import type { StudyFile } from './studySchema.ts';

/** What is wrong with a study, in words, where its schema alone cannot see it. */
type StudyCheck = (file: StudyFile, only: readonly string[]) => string | undefined;

const CHECKS: readonly StudyCheck[] = [
  storyIsNotTheStore,
  enoughClasses,
  targetIsAClass,
  maybeIsAnotherClass,
  oneClearClassBesideMaybe,
  classFoldersLieInTheSplit,
  classFoldersDiffer,
  candidateIdsDiffer,
  optionsAreThere,
  onlyNamesCandidates,
  batchSizesHoldOne,
  everyRoundHasASample,
  deviceIsTheCpu,
  productionThresholdsAreOrdered,
  sharesAreNoMoreThanOne,
  modesNameCandidates,
];

/** The first thing that keeps a study from making sense; `only` are the candidate ids of `--only`. */
export function studyProblem(file: StudyFile, only: readonly string[]): string | undefined {
  for (const check of CHECKS) {
    const problem = check(file, only);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

/** The same for the section `benchmarking` alone, as the earlier tools' files have it. */
export function benchmarkingProblem(file: BenchmarkingOnly): string | undefined {
  return batchSizesHoldOne(file) ?? everyRoundHasASample(file) ?? deviceIsTheCpu(file);
}

/** What of it is wrong wherever it stands, also where nothing is measured. */
export function deviceProblem(file: BenchmarkingOnly): string | undefined {
  return deviceIsTheCpu(file);
}

type BenchmarkingOnly = Pick<StudyFile, 'benchmarking'>;

/** `reports/runs/` holds the records. */
function storyIsNotTheStore({ story }: StudyFile): string | undefined {
  return story === 'runs'
    ? '`story` must not be `runs`, because reports/runs holds the records; name the story otherwise'
    : undefined;
}

function enoughClasses({ dataset }: StudyFile): string | undefined {
  const count = Object.keys(dataset.classes).length;
  return count < 2
    ? `\`dataset.classes\` needs at least 2 classes, received ${count}; add CLASS: FOLDER for each`
    : undefined;
}

function targetIsAClass({ dataset }: StudyFile): string | undefined {
  const name = dataset.target_class;
  const known = Object.keys(dataset.classes);
  return known.includes(name)
    ? undefined
    : `\`dataset.target_class\` is \`${name}\`, which is not one of the classes${hint(name, known)}`;
}

function maybeIsAnotherClass({ dataset }: StudyFile): string | undefined {
  return dataset.maybe_class === dataset.target_class
    ? `\`dataset.maybe_class\` must differ from the target class, received \`${dataset.target_class}\`; name the class for uncertain items`
    : undefined;
}

/** With a maybe class a model's score is 1 - p(clear class), so there must be one clear class. */
function oneClearClassBesideMaybe({ dataset }: StudyFile): string | undefined {
  const { classes, target_class: target, maybe_class: maybe } = dataset;
  const clear = Object.keys(classes).filter((name) => name !== target && name !== maybe);
  return maybe !== undefined && clear.length !== 1
    ? `with a \`maybe_class\` there must be exactly one class beside it and the target, received ${clear.join(', ') || 'none'}; ${clear.length === 0 ? 'add it' : 'remove the others'}`
    : undefined;
}

function classFoldersLieInTheSplit({ dataset }: StudyFile): string | undefined {
  const outside = Object.values(dataset.classes).find(
    (folder) => folder.split(/[/\\]/).includes('..') || isAbsolute(folder) || win32.isAbsolute(folder),
  );
  return outside === undefined
    ? undefined
    : `a class folder must lie inside the split, received \`${outside}\`; write its name only`;
}

function classFoldersDiffer({ dataset }: StudyFile): string | undefined {
  const folders = Object.values(dataset.classes).map((folder) => posix.join(folder, '/'));
  const twice = firstRepeated(folders);
  return twice === undefined
    ? undefined
    : `every class needs a folder of its own, received \`${twice.slice(0, -1)}\` twice; correct \`dataset.classes\``;
}

function candidateIdsDiffer({ candidates }: StudyFile): string | undefined {
  const twice = firstRepeated(candidates.map(({ id }) => id));
  return twice === undefined ? undefined : `candidate ids must differ, received \`${twice}\` twice; rename one`;
}

/** Without `options` of its own, a study may still tell its candidates apart by letters. */
function optionsAreThere({ candidates, options }: StudyFile): string | undefined {
  const letters = Object.keys(options);
  const strange = candidates.find(({ option }) => option !== undefined && !letters.includes(option));
  return strange?.option === undefined || letters.length === 0
    ? undefined
    : `candidate \`${strange.id}\` names the option ${strange.option}, which \`options\` lacks${hint(strange.option, letters)}`;
}

function onlyNamesCandidates({ candidates }: StudyFile, only: readonly string[]): string | undefined {
  const ids = candidates.map(({ id }) => id);
  const strange = only.find((id) => !ids.includes(id));
  return strange === undefined
    ? undefined
    : `--only names \`${printable(strange)}\`, which is no candidate${hint(strange, ids)}`;
}

function batchSizesHoldOne({ benchmarking }: BenchmarkingOnly): string | undefined {
  const sizes = benchmarking.batch_sizes;
  const twice = firstRepeated(sizes);
  if (twice !== undefined) {
    return `\`benchmarking.batch_sizes\` must differ, received ${twice} twice; remove one`;
  }
  return sizes.includes(1)
    ? undefined
    : `\`benchmarking.batch_sizes\` must hold 1, because the budget is judged at batch 1, received [${sizes.join(', ')}]; add 1`;
}

function everyRoundHasASample({ benchmarking: { iterations, rounds } }: BenchmarkingOnly): string | undefined {
  return iterations < rounds
    ? `\`benchmarking.iterations\` (${iterations}) must be at least \`rounds\` (${rounds}), so that every round has a sample; raise it`
    : undefined;
}

function deviceIsTheCpu({ benchmarking: { device } }: BenchmarkingOnly): string | undefined {
  return device !== null && device !== 'cpu'
    ? `\`benchmarking.device\` must be null or \`cpu\`, because the line PC has no accelerator, received \`${printable(device)}\`; remove it`
    : undefined;
}

function productionThresholdsAreOrdered({ thresholds: { production } }: StudyFile): string | undefined {
  return production.maybe > production.target
    ? `\`thresholds.production.maybe\` (${production.maybe}) must not be above \`target\` (${production.target}); swap them`
    : undefined;
}

function sharesAreNoMoreThanOne({ selection }: StudyFile): string | undefined {
  return selectionProblem(selection);
}

function modesNameCandidates({ modes, candidates }: StudyFile): string | undefined {
  const problem =
    modes === undefined
      ? undefined
      : modesProblem(
          modes,
          candidates.map(({ id }) => id),
        );
  return problem === undefined ? undefined : `\`modes\`: ${problem}`;
}

function firstRepeated<T>(values: readonly T[]): T | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}
