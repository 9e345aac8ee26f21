import { BeltbenchError } from '../shared/errors.ts';

/** How outputs become probabilities, and what decided it. */
export interface SoftmaxRule {
  readonly applied: boolean;
  readonly decidedBy: 'card' | 'values';
}

/** A row of probabilities sums to 1 up to float32 rounding of its entries. */
const SUM_TOLERANCE = 1e-3;

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
  return { applied: !rows.every(looksLikeProbabilities), decidedBy: 'values' };
}

export function looksLikeProbabilities(row: Float32Array): boolean {
  const sum = row.reduce((total, value) => total + value, 0);
  return row.every((value) => value >= 0 && value <= 1) && Math.abs(sum - 1) <= SUM_TOLERANCE;
}

/**
 * One image's outputs as probabilities, in float64.
 *
 * @throws BeltbenchError `inference_failed` on NaN or infinite outputs, or when stated probabilities are none
 */
export function toProbabilities(row: Float32Array, rule: SoftmaxRule, name: string): number[] {
  const bad = row.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    throw new BeltbenchError(
      'inference_failed',
      `every output must be a finite number, received ${row[bad]} for ${name}; run \`beltbench inspect\` to look for NaN weights, and check the scale in the model card`,
    );
  }
  if (rule.applied) {
    return softmax(row);
  }
  if (!looksLikeProbabilities(row)) {
    throw new BeltbenchError(
      'inference_failed',
      `the outputs are taken as probabilities, received [${[...row].join(', ')}] for ${name}; write \`outputs: logits\` in the model card`,
    );
  }
  return Array.from(row);
}

/** Shifted by the largest logit, so that it cannot overflow. */
export function softmax(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
