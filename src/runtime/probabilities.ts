import { BeltbenchError } from '../shared/errors.ts';
import { countOf } from '../shared/units.ts';

/** How outputs become probabilities, and what decided it. */
export interface SoftmaxRule {
  readonly applied: boolean;
  readonly decidedBy: 'card' | 'values';
}

/**
 * A row of probabilities sums to 1 up to rounding: of float32, or, behind a softmax quantised to 8
 * bits, of up to 1/512 per class.
 */
const SUM_TOLERANCE = 0.01;
/** So near to 1, chance does not bring the logits of all images. */
const SURE_TOLERANCE = 1e-4;
const TOLD_VALUES = 5;

/**
 * Whether outputs are logits (softmax is applied) or probabilities already: what the card says, else
 * the values. Logits may look like probabilities on one image, hardly on all of several.
 *
 * @param rows the outputs of the first images, each [classes]
 */
export function chooseSoftmax(stated: 'logits' | 'probabilities' | 'auto', rows: readonly Float32Array[]): SoftmaxRule {
  if (stated !== 'auto') {
    return { applied: stated === 'logits', decidedBy: 'card' };
  }
  return { applied: !rows.every((row) => looksLikeProbabilities(row)), decidedBy: 'values' };
}

function looksLikeProbabilities(row: Float32Array, tolerance = SUM_TOLERANCE): boolean {
  const sum = row.reduce((total, value) => total + value, 0);
  return row.every((value) => value >= 0) && Math.abs(sum - 1) <= tolerance;
}

/**
 * A card that states logits of a model with a softmax of its own would have it applied twice: every
 * score nearer to the middle, and every threshold another one.
 *
 * @param rows the outputs of all images, each [classes]
 * @throws BeltbenchError `bad_card` when every row is probabilities
 */
export function assertLogits(rows: readonly Float32Array[], modelPath: string): void {
  const [first] = rows;
  if (first !== undefined && rows.every((row) => looksLikeProbabilities(row, SURE_TOLERANCE))) {
    throw new BeltbenchError(
      'bad_card',
      `the outputs of ${modelPath} are taken as logits, but are probabilities for all ${countOf(rows.length, 'image')} (the first ${describeRow(first)}); write \`outputs: probabilities\` in the model card`,
    );
  }
}

/** @throws BeltbenchError `bad_card` when outputs that the card calls probabilities are none */
export function assertProbabilities(row: Float32Array, name: string): void {
  if (!looksLikeProbabilities(row)) {
    throw new BeltbenchError(
      'bad_card',
      `the outputs are taken as probabilities, received ${describeRow(row)} for ${name}; write \`outputs: logits\` in the model card`,
    );
  }
}

/**
 * One image's outputs as probabilities, in float64.
 *
 * @throws BeltbenchError `inference_failed` on NaN or infinite outputs, `bad_card` when stated probabilities are none
 */
export function toProbabilities(row: Float32Array, rule: SoftmaxRule, name: string): number[] {
  assertFinite(row, name);
  if (rule.applied) {
    return softmax(row);
  }
  assertProbabilities(row, name);
  // Rounding may leave 1.0000001, which no record takes for a probability.
  return Array.from(row, (value) => Math.min(1, value));
}

/** @throws BeltbenchError `inference_failed` when an output is NaN or infinite */
export function assertFinite(outputs: Float32Array, name: string): void {
  if (!outputs.every(Number.isFinite)) {
    throw new BeltbenchError(
      'inference_failed',
      `every output must be a finite number, received ${describeRow(outputs)} for ${name}; run \`beltbench inspect\` to look for NaN weights, and check the scale in the model card`,
    );
  }
}

/** Shifted by the largest logit, so that it cannot overflow. */
export function softmax(logits: Float32Array): number[] {
  const largest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function describeRow(row: Float32Array): string {
  return `[${[...row.subarray(0, TOLD_VALUES)].join(', ')}${row.length > TOLD_VALUES ? ', ...' : ''}]`;
}
