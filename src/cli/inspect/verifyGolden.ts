import { basename } from 'node:path';
import { printable } from '../../config/shown.ts';
import type { GoldenCheck } from '../../records/golden.ts';
import type { ModelAudit } from '../../records/model.ts';
import { answerInChild } from '../../runtime/answerInChild.ts';
import { shortHash } from '../../shared/units.ts';
import { badPair, readGoldenPair, type GoldenPair, type NamedTensor } from './goldenPair.ts';

/**
 * Runs a model on the input of the golden pair beside it, and holds the answer against the pair's;
 * `undefined` where there is no pair. A pair of other bytes is a FAIL without a run: somebody has
 * changed or replaced the model since its answers were taken.
 *
 * @throws BeltbenchError `bad_record` when the pair cannot be used or contradicts the model of its
 *   hash, `bad_model` or `inference_failed` when the model cannot be run
 */
export async function verifyGolden(modelPath: string, audit: ModelAudit): Promise<GoldenCheck | undefined> {
  const pair = await readGoldenPair(modelPath);
  if (pair === undefined) {
    return undefined;
  }
  const result = { file: basename(pair.path), tolerance: pair.tolerance };
  if (pair.modelSha256 !== audit.sha256) {
    const reason = `the pair belongs to another model file (sha256 ${shortHash(pair.modelSha256)}, this one is ${shortHash(audit.sha256)}); copy both again from where they were exported`;
    return { ...result, verdict: 'FAIL', max_abs_difference: null, reason };
  }
  assertFits(pair, audit);
  const answers = await answerInChild(modelPath, pair.input);
  const answer = answers.get(pair.output.name);
  if (answer?.dims.join() !== pair.output.dims.join()) {
    const received = answer === undefined ? [...answers.keys()].join(', ') : describe(pair.output.name, answer.dims);
    throw badPair(pair.path, `it holds an answer ${describeTensor(pair.output)}, but the model answers ${received}`);
  }
  const difference = largestDifference(pair.output.values, answer.values);
  const finite = Number.isFinite(difference);
  const passes = difference <= pair.tolerance;
  return {
    ...result,
    verdict: passes ? 'PASS' : 'FAIL',
    max_abs_difference: finite ? difference : null,
    reason: passes ? null : finite ? 'the model does not answer as it did' : 'the answer holds NaN or infinite numbers',
  };
}

/** The runtime would say it too, with advice for another case. */
function assertFits({ path, input }: GoldenPair, { inputs }: ModelAudit): void {
  const port = inputs.find(({ name }) => name === input.name);
  const shape = port?.shape ?? [];
  const clashes = shape.some((size, axis) => typeof size === 'number' && size !== input.dims[axis]);
  if (port === undefined || clashes || (port.shape !== null && shape.length !== input.dims.length)) {
    const taken = inputs.map(({ name, shape: dims }) => describe(name, dims ?? ['?'])).join(', ');
    throw badPair(path, `it holds an input ${describeTensor(input)}, but the model takes ${taken}`);
  }
}

/** NaN when either holds one. */
function largestDifference(wanted: Float32Array, found: Float32Array): number {
  return wanted.reduce((largest, value, index) => Math.max(largest, Math.abs(value - (found[index] ?? NaN))), 0);
}

function describeTensor({ name, dims }: NamedTensor): string {
  return describe(name, dims);
}

function describe(name: string, dims: readonly (number | string)[]): string {
  return `\`${printable(name)}\` [${dims.join(', ')}]`;
}
