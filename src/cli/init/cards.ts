import { lstat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { cardTemplate } from '../../config/cardTemplate.ts';
import { QUESTIONS } from '../../config/modelCard.ts';
import { nameOf } from '../../config/modelCardSchema.ts';
import type { FoundCandidate } from '../../config/studyTemplate.ts';
import { countOf } from '../../shared/units.ts';
import { BESIDE } from '../../store/cannotWrite.ts';
import { writeTextFile } from '../../store/textFile.ts';
import { describeModel } from './describeModel.ts';
import type { InitQuestion, InitResult } from './result.ts';

/** What came of the model files: cards for the study to name, and what is said of them. */
export interface MadeCards extends Pick<InitResult, 'cards' | 'kept' | 'skipped' | 'questions'> {
  readonly candidates: readonly FoundCandidate[];
}

interface Tally {
  readonly cards: string[];
  readonly kept: string[];
  readonly skipped: { file: string; reason: string }[];
  readonly questions: InitQuestion[];
  readonly candidates: { id: string; card: string }[];
}

/**
 * Writes a card beside each model file that can be a candidate; a card that is there already is kept.
 *
 * @param models relative to `dir`, with forward slashes
 * @param classes the class names of the images, where some were found
 * @throws BeltbenchError `cannot_write`
 */
export async function makeCards(
  dir: string,
  models: readonly string[],
  classes: readonly string[] | undefined,
): Promise<MadeCards> {
  const tally: Tally = { cards: [], kept: [], skipped: [], questions: [], candidates: [] };
  for (const model of models) {
    await makeCard(dir, model, classes, tally);
  }
  return { ...tally, candidates: withGroups(tally.candidates) };
}

/** With its last dot. */
function stemOf(card: string): string {
  return card.slice(0, -'model.yaml'.length);
}

/** NAME.something.onnx beside NAME.onnx is taken for a variant of it: both get NAME's id as their group. */
function withGroups(candidates: Tally['candidates']): FoundCandidate[] {
  const bases = candidates.map(
    ({ card }) =>
      candidates
        .filter((other) => stemOf(card).startsWith(stemOf(other.card)))
        .toSorted((a, b) => a.card.length - b.card.length)[0]?.id,
  );
  return candidates.map((candidate, index) => {
    const base = bases[index];
    return bases.filter((other) => other === base).length > 1 ? { ...candidate, group: base } : candidate;
  });
}

async function makeCard(
  dir: string,
  model: string,
  classes: readonly string[] | undefined,
  tally: Tally,
): Promise<void> {
  const file = posix.basename(model);
  const card = model.replace(/\.onnx$/i, '.model.yaml');
  const skip = (reason: string): void => {
    tally.skipped.push({ file: join(dir, model), reason });
  };
  if (!nameOf(255).safeParse(file).success || !nameOf(1000).safeParse(model).success) {
    return skip('no study can hold its name; rename it without control characters');
  }
  if (tally.candidates.some((candidate) => candidate.card === card)) {
    return skip('its card would be that of the file of the same name; rename one of them');
  }
  const described = await describeModel(join(dir, model));
  if (!described.usable) {
    return skip(described.reason);
  }
  const path = join(dir, card);
  tally.candidates.push({ id: freeId(file, tally), card });
  if (await isThere(path)) {
    tally.kept.push(path);
    return undefined;
  }
  const { inputSize, classCount, doubt } = described;
  await writeTextFile(path, cardTemplate({ file, inputSize, classCount, classes }), BESIDE);
  tally.cards.push(path);
  const ask = (key: string, question: string): number => tally.questions.push({ file: path, key, question });
  if (doubt !== undefined) {
    ask('file', doubt);
  }
  if (inputSize === undefined) {
    ask('input_size', 'The file leaves its input size open: at which size (pixels) does it run in production?');
  }
  for (const [key, question] of Object.entries(QUESTIONS)) {
    ask(key, question);
  }
  if (classCount !== undefined && classes !== undefined && classCount !== classes.length) {
    ask(
      'classes',
      `The file has ${countOf(classCount, 'output')}, the images have ${classes.length} classes: which output is which?`,
    );
  }
  return undefined;
}

/** The file's name as a study's id may be, with a number where another candidate has it. */
function freeId(file: string, { candidates }: Tally): string {
  const name = file
    .replace(/\.onnx$/i, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 58);
  const base = name === '' ? 'model' : name;
  const taken = new Set(candidates.map(({ id }) => id));
  let id = base;
  for (let count = 2; taken.has(id); count += 1) {
    id = `${base}-${count}`;
  }
  return id;
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
