import { lstat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { loadLoneCard, type LoneCard } from '../../config/loneCard.ts';
import type { Size } from '../../config/preprocessing.ts';
import { readStudyFile, type ReadStudy } from '../../config/studyFile.ts';
import { auditModel } from '../../onnx/audit.ts';
import type { ModelAudit } from '../../records/model.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { USUAL_STUDY } from '../io.ts';
import { agreeOnInputSize, imageInputOf } from '../work/prepare.ts';
import type { QuantizeArgs } from './args.ts';

/** The float model, and what says how images become its input. */
export interface QuantizeSource {
  readonly modelPath: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Nodes per operator. */
  readonly operators: Readonly<Record<string, number>>;
  readonly card: LoneCard;
  readonly inputSize: Size;
  /** `undefined`: there is none, which is no mistake. */
  readonly study: ReadStudy | undefined;
}

/**
 * Reads the model, its card and the study, where there is one; nothing is run.
 *
 * @throws BeltbenchError `bad_model`, `bad_card` or `bad_study` for what cannot be used
 */
export async function openSource(args: QuantizeArgs): Promise<QuantizeSource> {
  const study = await findStudy(args);
  const audit = await auditModel(args.model);
  assertFinite(args.model, audit);
  const { sha256, operators, file_size_bytes: sizeBytes } = audit;
  const card = await findCard(args, study);
  const inputSize = agreeOnInputSize({ ...card, modelPath: args.model }, imageInputOf(args.model, audit));
  return { modelPath: args.model, sha256, sizeBytes, operators, card, inputSize, study };
}

/** The name that a model shares with the files made of it. */
export function backboneOf({ card, modelPath }: QuantizeSource): string {
  return card.content.backbone ?? basename(modelPath).replace(/\.onnx$/i, '');
}

function assertFinite(path: string, { nonfinite_weights: { total, tensors } }: ModelAudit): void {
  const [first] = tensors;
  if (first !== undefined) {
    throw new BeltbenchError(
      'bad_model',
      `${path}: every weight must be a finite number, received ${first.nan} NaN and ${first.infinite} infinite in \`${first.name}\`${tensors.length > 1 ? ` (${total} in ${tensors.length} tensors)` : ''}; export a checkpoint from before the training diverged`,
    );
  }
}

async function findStudy({ study, threads }: QuantizeArgs): Promise<ReadStudy | undefined> {
  const isThere = (await lstat(study).catch(() => undefined)) !== undefined;
  return isThere || study !== USUAL_STUDY ? await readStudyFile(study, { threads }) : undefined;
}

async function findCard({ model, card }: QuantizeArgs, study: ReadStudy | undefined): Promise<LoneCard> {
  const path = card ?? `${model.replace(/\.onnx$/i, '')}.model.yaml`;
  if (card === undefined && (await lstat(path).catch(() => undefined)) === undefined) {
    throw new BeltbenchError(
      'bad_card',
      `a model card must say how images become the input of ${model}, and there is no ${path}; write one with \`beltbench init\`, or name one with --card`,
    );
  }
  const read = await loadLoneCard(path, study?.file.preprocessing);
  if (card === undefined && read.modelPath !== resolve(model)) {
    throw new BeltbenchError(
      'bad_card',
      `${path} is the card of ${read.content.file}, not of ${model}; correct its \`file\`, or name the right card with --card`,
    );
  }
  return read;
}
