import { dirname, resolve } from 'node:path';
import { BeltbenchError } from '../shared/errors.ts';
import { own } from '../shared/own.ts';
import type { Claims, ModelCardFile } from './modelCardSchema.ts';
import { shown } from './shown.ts';
import type { StudyFile } from './studySchema.ts';
import { readYamlFile } from './yamlFile.ts';

/** A card's claims and where they come from. */
export interface SourcedClaims {
  readonly claims: Claims;
  readonly source: string | undefined;
  /** What of the card was accepted and says nothing, and why. */
  readonly unused: readonly string[];
}

/**
 * The figures a card claims; the file it names as their source fills in what it leaves out.
 * An `evaluation_results.json` has no fixed schema: known names are looked up at its top level and
 * one level below, but not in what belongs to training or to one class, and percentages become
 * shares. A class's recall may also stand in an object of the class's name, as scikit-learn has it.
 *
 * @throws BeltbenchError `bad_card` when the named file cannot be read or holds no object
 */
export async function readClaims(
  cardPath: string,
  card: ModelCardFile,
  dataset: StudyFile['dataset'],
): Promise<SourcedClaims> {
  const stated = card.claimed ?? {};
  const ownSource = card.claimed === undefined ? undefined : 'model card';
  if (card.evaluation_results === undefined) {
    return { claims: stated, source: ownSource, unused: [] };
  }
  const path = resolve(dirname(cardPath), card.evaluation_results);
  const content = await readYamlFile(path, 'bad_card', 'correct `evaluation_results` in the model card or remove it');
  if (!isObject(content)) {
    throw new BeltbenchError(
      'bad_card',
      `${path} must hold one object of figures, received ${shown(content)}; export it again`,
    );
  }
  const found = findClaims(content, dataset);
  const foundSource = Object.keys(found).length === 0 ? undefined : card.evaluation_results;
  return {
    claims: { ...found, ...stated },
    source: [ownSource, foundSource].filter((source) => source !== undefined).join(', ') || undefined,
    unused:
      foundSource === undefined
        ? [
            `${path} holds no figure under a name that is known (accuracy, latency_ms, ...); state them under \`claimed\``,
          ]
        : [],
  };
}

type Figures = Record<string, unknown>;

function findClaims(content: Figures, { classes, target_class: target }: StudyFile['dataset']): Claims {
  const targets = [target, target.split(/[_\-\s]/).at(-1) ?? target];
  const isApart = (key: string): boolean =>
    key.startsWith('train') || Object.hasOwn(classes, key) || targets.includes(key);
  const levels = [content, ...objectsIn(content, (key) => !isApart(key))];
  const perTarget = levels.flatMap((level) => objectsIn(level, (key) => targets.includes(key)));
  const recallNames = ['target_recall', ...targets.flatMap((name) => [`${name}_recall`, `recall_${name}`])];
  const claims = {
    accuracy: asShare(lookUp(levels, ['accuracy', 'val_accuracy', 'test_accuracy', 'best_val_accuracy'])),
    target_recall: asShare(lookUp(levels, recallNames) ?? lookUp(perTarget, ['recall'])),
    latency_ms: lookUp(levels, ['latency_ms', 'inference_ms', 'inference_time_ms', 'latency_batch_1_ms']),
    size_mb: lookUp(levels, ['size_mb', 'model_size_mb']),
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

function objectsIn(object: Figures, wanted: (key: string) => boolean): Figures[] {
  return Object.entries(object).flatMap(([key, value]) => (wanted(key) && isObject(value) ? [value] : []));
}

/** The first of `names` that stands anywhere with a number above 0, the levels in order. */
function lookUp(levels: readonly Figures[], names: readonly string[]): number | undefined {
  const values = levels.flatMap((level) => names.map((name) => own(level, name)));
  return values.find((value): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0);
}

function asShare(value: number | undefined): number | undefined {
  const share = value !== undefined && value > 1 ? Number((value / 100).toPrecision(12)) : value;
  return share === undefined || share > 1 ? undefined : share;
}

function isObject(value: unknown): value is Figures {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
