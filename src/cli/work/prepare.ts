import type { Candidate, Study } from '../../config/study.ts';
import type { Preprocessing, Size } from '../../config/preprocessing.ts';
import { auditModel } from '../../onnx/audit.ts';
import { portText, takesImages, valuesPerImage } from '../../onnx/audit/ports.ts';
import type { ModelSummary, Warning } from '../../records/common.ts';
import type { LatencyRecord } from '../../records/latency.ts';
import type { ModelAudit, ModelPort } from '../../records/model.ts';
import { BeltbenchError } from '../../shared/errors.ts';

/** A candidate whose model file was audited and agrees with its card. */
export interface PreparedCandidate {
  readonly candidate: Candidate;
  readonly model: ModelSummary;
  readonly inputSize: Size;
  readonly backbone: string;
  readonly trialName: string;
  readonly warnings: readonly Warning[];
}

/**
 * Audits every candidate's model file and checks it against its card, before anything is measured.
 *
 * @throws BeltbenchError `bad_model` or `bad_card` for the first candidate that cannot be used
 */
export async function prepareCandidates(
  study: Study,
  candidates: readonly Candidate[] = study.candidates,
): Promise<PreparedCandidate[]> {
  const prepared: PreparedCandidate[] = [];
  for (const candidate of candidates) {
    prepared.push(prepareCandidate(candidate, await auditModel(candidate.card.modelPath), study));
  }
  return prepared;
}

function prepareCandidate(candidate: Candidate, audit: ModelAudit, study: Study): PreparedCandidate {
  const { card } = candidate;
  const input = imageInputOf(card.modelPath, audit);
  assertBatchSizes(card.modelPath, audit.fixed_batch, study.file.benchmarking.batch_sizes);
  assertOutput(candidate, audit);
  return {
    candidate,
    model: summarize(audit),
    inputSize: agreeOnInputSize(card, input),
    backbone: card.backbone ?? candidate.id,
    trialName: card.trialName ?? candidate.id,
    warnings: [
      ...(card.preprocessingDoubt === undefined
        ? []
        : [{ code: 'odd_preprocessing', message: card.preprocessingDoubt }]),
      ...audit.warnings.filter(({ code }) => code !== 'subnormal_weights' && code !== 'nonfinite_weights'),
    ],
  };
}

/**
 * The model's only input, which takes images as far as the file says.
 *
 * @throws BeltbenchError `bad_model` when it has more or takes something else
 */
export function imageInputOf(modelPath: string, { inputs }: Pick<ModelAudit, 'inputs'>): ModelPort {
  const [input] = inputs;
  if (input === undefined || inputs.length > 1) {
    throw new BeltbenchError(
      'bad_model',
      `${modelPath}: a classifier has one input, received ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}); export it with the image as its only input`,
    );
  }
  if (!takesImages(input)) {
    throw new BeltbenchError(
      'bad_model',
      `${modelPath}: the input \`${input.name}\` must be float32 [batch, 3, height, width], received ${portText(input)}; export it for RGB in NCHW order`,
    );
  }
  return input;
}

/**
 * The size the file takes; where the file leaves it open, the card must say it.
 *
 * @throws BeltbenchError `bad_card` when the two disagree or neither says it
 */
export function agreeOnInputSize(
  card: Pick<Candidate['card'], 'path' | 'modelPath' | 'inputSize'>,
  input: ModelPort,
): Size {
  const [, , height, width] = input.shape ?? [];
  const stated = card.inputSize;
  const fixed = { height: fixedDim(height), width: fixedDim(width) };
  const disagrees =
    stated !== undefined &&
    ((fixed.height !== undefined && fixed.height !== stated.height) ||
      (fixed.width !== undefined && fixed.width !== stated.width));
  if (disagrees) {
    throw new BeltbenchError(
      'bad_card',
      `${card.path} says input_size ${stated.height}x${stated.width}, the input \`${input.name}\` of ${card.modelPath} is ${(input.shape ?? []).join('x')}; correct the card or export the model at that size`,
    );
  }
  const size = { height: fixed.height ?? stated?.height, width: fixed.width ?? stated?.width };
  if (size.height === undefined || size.width === undefined) {
    throw new BeltbenchError(
      'bad_card',
      `${card.modelPath} leaves its input size open ([${(input.shape ?? ['?']).join(', ')}]); write \`input_size\` into ${card.path}`,
    );
  }
  return { height: size.height, width: size.width };
}

function fixedDim(dim: number | string | undefined): number | undefined {
  return typeof dim === 'number' && dim > 0 ? dim : undefined;
}

function assertOutput({ card }: Candidate, { outputs }: ModelAudit): void {
  const [output] = outputs;
  if (output?.type !== 'float32') {
    throw new BeltbenchError(
      'bad_model',
      output === undefined
        ? `${card.modelPath}: a classifier has an output, received none; export it with the class scores as output`
        : `${card.modelPath}: the output \`${output.name}\` must be float32, received ${output.type}; export the class scores as float32`,
    );
  }
  const classes = valuesPerImage(output);
  if (classes !== undefined && classes !== card.classes.length) {
    throw new BeltbenchError(
      'bad_card',
      `${card.path} names ${card.classes.length} classes (${card.classes.join(', ')}), the output \`${output.name}\` of ${card.modelPath} has ${classes}; correct \`classes\` in the card, or the study's classes`,
    );
  }
}

function assertBatchSizes(modelPath: string, fixedBatch: number | null, batchSizes: readonly number[]): void {
  const strange = fixedBatch === null ? undefined : batchSizes.find((size) => size !== fixedBatch);
  if (strange !== undefined) {
    throw new BeltbenchError(
      'bad_model',
      `${modelPath} takes batches of ${fixedBatch} only, received batch size ${strange} in \`benchmarking.batch_sizes\`; remove it or export the model with a dynamic batch`,
    );
  }
}

/** What of the audit a comparison needs; `inspect` shows the rest. */
export function summarize(audit: ModelAudit): ModelSummary {
  return {
    file: audit.file,
    sha256: audit.sha256,
    file_size_bytes: audit.file_size_bytes,
    parameter_count: audit.parameter_count,
    multiply_adds: audit.multiply_adds.total,
    int8_weight_share: audit.int8_weight_share,
    int8_multiply_add_share: audit.multiply_adds.int8_share,
    subnormal_weights: audit.subnormal_weights.total,
    nonfinite_weights: audit.nonfinite_weights.total,
    opset: audit.opsets['ai.onnx'] ?? null,
    producer: `${audit.producer_name} ${audit.producer_version}`.trim(),
  };
}

/** A card's preprocessing as a record keeps it. */
export function preprocessingOf({ card }: Candidate): LatencyRecord['preprocessing'] {
  return preprocessingRecord(card.preprocessing);
}

export function preprocessingRecord(spec: Preprocessing): LatencyRecord['preprocessing'] {
  return {
    resize: spec.resize,
    resize_to: spec.resizeTo ?? null,
    crop: spec.crop,
    interpolation: spec.interpolation,
    scale: spec.scale,
    mean: spec.mean === undefined ? null : [...spec.mean],
    std: spec.std === undefined ? null : [...spec.std],
    channel_order: spec.channelOrder,
  };
}
