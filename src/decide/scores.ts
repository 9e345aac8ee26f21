import type { StudyFile } from '../config/studySchema.ts';
import type { EvaluationRecord, Predictions } from '../records/predictions.ts';
import { BeltbenchError } from '../shared/errors.ts';

/** Which classes matter to the decision. */
export interface ClassRoles {
  readonly target: string;
  /** The model's own class for uncertain items, if it has one. */
  readonly maybe: string | undefined;
}

/** The roles that a study gives its classes, or gave them when a record was made. */
export function rolesOf({
  target_class: target,
  maybe_class: maybe,
}: StudyFile['dataset'] | EvaluationRecord): ClassRoles {
  return { target, maybe: maybe ?? undefined };
}

/** What a model answers at argmax, as the line sees it. */
export type Answer = 'target' | 'maybe' | 'other';

/** The scores and labels of the images that a sweep can use. */
export interface Scores {
  /** Per image, higher for "more likely a target". */
  readonly values: Float64Array;
  readonly isTarget: Uint8Array;
  readonly answers: readonly Answer[];
  readonly targets: number;
  readonly others: number;
  /** 1: a target of the same bytes stands before it, so it is no evidence of its own. */
  readonly isRepeat: Uint8Array;
}

/**
 * Each image's score for the target class: its probability, or, for a model with a *maybe* class of
 * its own, 1 - p(clear class), because a maybe is a reason to look.
 *
 * Images labelled *maybe* are nobody's truth and are left out of the sweep.
 *
 * @throws BeltbenchError `bad_record` when the predictions do not know the target class or are incomplete
 */
export function scoreImages(predictions: Predictions, roles: ClassRoles, candidateId: string): Scores {
  const { classes, labels, probabilities } = predictions;
  const scoreOf = scoreFunction(classes, roles, candidateId);
  if (labels.length !== probabilities.length || predictions.ids.length !== probabilities.length) {
    throw new BeltbenchError(
      'bad_record',
      `the predictions of ${candidateId} need one label and one row per image, received ${predictions.ids.length} ids, ${labels.length} labels and ${probabilities.length} rows; run \`beltbench evaluate\` with --force-new`,
    );
  }
  const used = probabilities.flatMap((row, index) => (labels[index] === roles.maybe ? [] : [{ row, index }]));
  const isTarget = Uint8Array.from(used, ({ index }) => (labels[index] === roles.target ? 1 : 0));
  const targets = isTarget.reduce((sum, flag) => sum + flag, 0);
  return {
    values: Float64Array.from(used, ({ row }) => scoreOf(row)),
    isTarget,
    answers: used.map(({ row }) => answerOf(classes[argmax(row)], roles)),
    targets,
    others: isTarget.length - targets,
    isRepeat: markRepeats(
      used.map(({ index }) => predictions.content_hashes[index] ?? ''),
      isTarget,
    ),
  };
}

function markRepeats(hashes: readonly string[], isTarget: Uint8Array): Uint8Array {
  const seen = new Set<string>();
  return isTarget.map((flag, index) => {
    const hash = hashes[index] ?? '';
    const isRepeat = flag === 1 && seen.has(hash);
    if (flag === 1) {
      seen.add(hash);
    }
    return isRepeat ? 1 : 0;
  });
}

function scoreFunction(
  classes: readonly string[],
  { target, maybe }: ClassRoles,
  candidateId: string,
): (row: readonly number[]) => number {
  const hasMaybe = maybe !== undefined && classes.includes(maybe);
  const decisive = hasMaybe ? classes.findIndex((name) => name !== target && name !== maybe) : classes.indexOf(target);
  if (decisive === -1 || !classes.includes(target)) {
    throw new BeltbenchError(
      'bad_record',
      `the predictions of ${candidateId} must know the target class \`${target}\` and another, received the classes ${classes.join(', ')}; run \`beltbench evaluate\``,
    );
  }
  const probability = (row: readonly number[]): number => {
    const value = row[decisive];
    if (value === undefined) {
      throw new BeltbenchError(
        'bad_record',
        `the predictions of ${candidateId} need ${classes.length} probabilities per image, received ${row.length}; run \`beltbench evaluate\` with --force-new`,
      );
    }
    return value;
  };
  return hasMaybe ? (row) => 1 - probability(row) : probability;
}

function answerOf(name: string | undefined, { target, maybe }: ClassRoles): Answer {
  return name === target ? 'target' : name !== undefined && name === maybe ? 'maybe' : 'other';
}

/** The first of the largest, as the training side's argmax answers ties. */
export function argmax(row: readonly number[]): number {
  return row.reduce((best, value, index) => (value > (row[best] ?? -Infinity) ? index : best), 0);
}
