import { isRecord, own, positive } from '../shared/values.ts';
import type { Claims } from './modelCardSchema.ts';
import type { StudyFile } from './studySchema.ts';

/** What tells the figures of a model from others in the same file. */
export interface ClaimSubject {
  readonly dataset: StudyFile['dataset'];
  /** What the model may be called there, the most specific name first. */
  readonly names: readonly string[];
  /** The study's other candidates. */
  readonly others: readonly string[];
}

export interface FoundClaims {
  readonly claims: Claims;
  /** The keys of the objects that hold different figures, when none of them could be chosen. */
  readonly contradicting: readonly string[];
}

/** An object one level below the top, and what it claims. */
interface Section {
  readonly key: string;
  readonly claims: Claims;
}

/**
 * The figures in an `evaluation_results.json`, which has no fixed schema: known names are looked up at
 * its top level and one level below, but not in what belongs to training, to one class or to another
 * candidate, and percentages become shares. A class's recall may also stand in an object of the class's
 * name, as scikit-learn has it. An object that is called like the model is the only one that counts; of
 * others that contradict each other, the one that is called like the split.
 */
export function findClaims(content: Record<string, unknown>, subject: ClaimSubject): FoundClaims {
  const { dataset, names, others } = subject;
  const targets = targetNames(dataset);
  const isApart = (key: string): boolean =>
    key.startsWith('train') ||
    Object.hasOwn(dataset.classes, key) ||
    targets.includes(key) ||
    others.some((other) => isSameName(key, other));
  const sections = Object.entries(content).flatMap(([key, value]): Section[] =>
    isRecord(value) && !isApart(key) ? [{ key, claims: claimsIn(value, targets) }] : [],
  );
  const ofModel = names.map((name) => sections.filter(({ key }) => isSameName(key, name)));
  const ofThis = ofModel.find((found) => found.length > 0);
  const { taken, contradicting } = agree(ofThis ?? sections, dataset.split);
  const [top, below] = [claimsIn(content, targets), taken.map(({ claims }) => claims)];
  // The later counts: what stands beside the model's own object may be of another one.
  const levels = ofThis === undefined ? [...below, top] : [top, ...below];
  return { claims: Object.fromEntries(levels.flatMap((claims) => Object.entries(claims))), contradicting };
}

function agree(
  sections: readonly Section[],
  split: string,
): { taken: readonly Section[]; contradicting: readonly string[] } {
  const torn = contradictory(sections);
  const ofSplit = torn.filter(({ key }) => wordsOf(key)[0] === split);
  const isSettled = ofSplit.length > 0 && contradictory(ofSplit).length === 0;
  return {
    taken: sections.filter((section) => !torn.includes(section) || (isSettled && ofSplit.includes(section))),
    contradicting: isSettled ? [] : torn.map(({ key }) => key),
  };
}

/** Those that hold another figure of a kind than one of the others. */
function contradictory(sections: readonly Section[]): Section[] {
  return sections.filter(({ claims }) => sections.some((other) => differ(claims, other.claims)));
}

function differ(a: Claims, b: Claims): boolean {
  return FIGURES.some((name) => a[name] !== undefined && b[name] !== undefined && a[name] !== b[name]);
}

const FIGURES = ['accuracy', 'target_recall', 'latency_ms', 'size_mb'] as const;

function claimsIn(level: Record<string, unknown>, targets: readonly string[]): Claims {
  const recallNames = ['target_recall', ...targets.flatMap((name) => [`${name}_recall`, `recall_${name}`])];
  const perTarget = targets.flatMap((name) => {
    const report = own(level, name);
    return isRecord(report) ? [lookUp(report, ['recall'])] : [];
  });
  const claims = {
    accuracy: asShare(lookUp(level, ['accuracy', 'val_accuracy', 'test_accuracy', 'best_val_accuracy'])),
    target_recall: asShare(lookUp(level, recallNames) ?? perTarget.find((recall) => recall !== undefined)),
    latency_ms: lookUp(level, ['latency_ms', 'inference_ms', 'inference_time_ms', 'latency_batch_1_ms']),
    size_mb: lookUp(level, ['size_mb', 'model_size_mb']),
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/** The target class by its name and by the last word of it. */
function targetNames({ target_class: target }: StudyFile['dataset']): string[] {
  return [target, target.split(/[_\-\s]/).at(-1) ?? target];
}

/** The first of `names` that stands there with a number above 0. */
function lookUp(level: Record<string, unknown>, names: readonly string[]): number | undefined {
  return names.map((name) => positive(own(level, name))).find((value) => value !== undefined);
}

function asShare(value: number | undefined): number | undefined {
  const share = value !== undefined && value > 1 ? Number((value / 100).toPrecision(12)) : value;
  return share === undefined || share > 1 ? undefined : share;
}

/** "ResNet-50" is `resnet50`. */
function isSameName(a: string, b: string): boolean {
  return wordsOf(a).join('') === wordsOf(b).join('');
}

function wordsOf(name: string): string[] {
  return name.toLowerCase().split(/[_\-.\s]+/);
}
