import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../../config/problems.ts';
import { studySchema } from '../../config/studySchema.ts';
import { studyTemplate } from '../../config/studyTemplate.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { BESIDE } from '../../store/cannotWrite.ts';
import { writeTextFile } from '../../store/textFile.ts';
import { makeCards } from '../init/cards.ts';
import { chooseImages, type StudyImages } from '../init/images.ts';
import { lookAround, type Surroundings } from '../init/lookAround.ts';
import { describeInit, type InitQuestion, type InitResult } from '../init/result.ts';
import { USUAL_STUDY, type Outcome } from '../io.ts';
import { printable } from '../printable.ts';

export interface InitArgs {
  readonly dir: string;
  /** Names the study. */
  readonly story: string;
}

/** `beltbench init [DIR]`: a commented study file, and a card for each model found. */
export async function runInit(args: InitArgs): Promise<Outcome> {
  const result = await init(args);
  return {
    document: { command: 'init', ...result },
    text: `${describeInit(result).map(printable).join('\n')}\n`,
    exitCode: 0,
  };
}

/**
 * Looks below `dir` for ONNX files and labelled images, and writes DIR/beltbench.yaml and a model card
 * beside each model file. Nothing is overwritten. The study comes last, so that after a failure
 * `init` can simply run again.
 *
 * @throws BeltbenchError `bad_usage` when `dir` is no folder, a study is there already or `story` is
 *   no name; `cannot_write`
 */
export async function init({ dir, story }: InitArgs): Promise<InitResult> {
  const study = join(dir, USUAL_STUDY);
  await assertFree(dir, study);
  assertStory(story);
  const around = await lookAround(dir);
  const images = chooseImages(around.datasets);
  const classes = images === undefined ? undefined : Object.keys(images.classes).toSorted();
  const { candidates, cards, kept, skipped, questions } = await makeCards(dir, around.models, classes);
  const text = studyTemplate({
    story,
    datasetRoot: images?.root,
    split: images?.split,
    classes: images?.classes,
    targetClass: images?.target?.name,
    targetGuess: images?.target?.ground,
    candidates,
  });
  await writeTextFile(study, text, BESIDE);
  const ask = (key: string, question: string): InitQuestion => ({ file: study, key, question });
  return {
    study,
    cards,
    kept,
    skipped,
    questions: [
      ...openInStudy(around, images, candidates.length).map(([key, question]) => ask(key, question)),
      ...questions,
    ],
    missing: [
      ...(candidates.length === 0 ? (['models'] as const) : []),
      ...(images === undefined ? (['images'] as const) : []),
    ],
  };
}

async function assertFree(dir: string, study: string): Promise<void> {
  if ((await stat(dir).catch(() => undefined))?.isDirectory() !== true) {
    throw new BeltbenchError('bad_usage', `there is no folder ${dir}; make it or name another`);
  }
  if ((await lstat(study).catch(() => undefined)) !== undefined) {
    throw new BeltbenchError(
      'bad_usage',
      `${study} exists, and init never overwrites; remove it or name another folder`,
    );
  }
}

function assertStory(story: string): void {
  const checked = check(studySchema.pick({ story: true }), { story });
  if (!checked.ok) {
    throw new BeltbenchError('bad_usage', `${checked.problem}; give another --story`);
  }
}

/** What the study leaves to confirm or to fill in, the gravest first. */
function openInStudy(
  { datasets, isComplete }: Surroundings,
  images: StudyImages | undefined,
  candidates: number,
): [string, string][] {
  const target = images?.target;
  const open: [boolean, string, string][] = [
    [candidates === 0, 'candidates', 'No usable ONNX file was found: which models may be chosen?'],
    [
      images === undefined,
      'dataset',
      'No labelled images (ROOT/val/CLASS/*.png, at least 2 classes) were found: where are they, and which class must not be missed?',
    ],
    [
      target?.ground === 'by alphabet',
      'dataset.target_class',
      `NOTHING TELLS WHICH CLASS MUST NOT BE MISSED: \`${target?.name}\` is merely the last of the alphabet. Which is it? Every recall is about it; remove \`target_guess\` when you know.`,
    ],
    [
      target?.ground === 'by name',
      'dataset.target_class',
      `\`${target?.name}\` was guessed from the names to be the class that must not be missed. Is it? Then remove \`target_guess\`.`,
    ],
    [
      datasets.length > 1,
      'dataset.root',
      `${datasets.length} labelled folders were found (${datasets.map(({ root }) => root).join(', ')}), and \`${images?.root}\` was taken. Is it the right one?`,
    ],
    [
      !isComplete,
      'candidates',
      'The search ended after 10,000 names, so that files may be missing: run init in a smaller folder, or add them. Are all candidates there?',
    ],
    [
      true,
      'thresholds.max_false_reject_rate',
      'May 10 % of the good items be rejected? Write who confirmed it into `confirmed_by`.',
    ],
    [true, 'candidates.option', 'Which option of the story does each candidate belong to?'],
  ];
  return open.flatMap(([holds, key, question]) => (holds ? [[key, question] satisfies [string, string]] : []));
}
