import { resolve } from 'node:path';
import { asKnown, BeltbenchError } from '../../shared/errors.ts';
import { loadModelCard, toModelCard, type ModelCard } from '../../config/modelCard.ts';
import { UNKNOWN } from '../../config/modelCardSchema.ts';
import type { Study } from '../../config/study.ts';
import type { TrialFolder } from '../../store/hpoTree.ts';
import { prepareCandidates, type PreparedCandidate } from './prepare.ts';
import { trialRecordName } from './recordNames.ts';

/** A trial whose ONNX file can be measured, one that cannot be, or one without such a file. */
export type PlannedTrial = { readonly folder: TrialFolder; readonly id: string } & (
  | { readonly state: 'ready'; readonly prepared: PreparedCandidate }
  | { readonly state: 'failed' | 'skipped'; readonly reason: string }
);

/** How people name a trial. */
function trialId({ backbone, name }: TrialFolder): string {
  return `${backbone}/${name}`;
}

/** Audits a trial's model file; what is wrong with one does not keep the others from being measured. */
export async function planTrial(folder: TrialFolder, study: Study): Promise<PlannedTrial> {
  const id = trialId(folder);
  const { modelPath } = folder;
  if (modelPath === undefined) {
    const count = folder.files.filter((file) => /\.onnx$/i.test(file)).length;
    const reason = count === 0 ? 'no ONNX file' : `${count} ONNX files and none called model.onnx`;
    return { folder, id, state: 'skipped', reason };
  }
  try {
    const card = { ...(await cardOf(folder, modelPath, study)), backbone: folder.backbone, trialName: folder.name };
    const candidate = {
      id: trialRecordName(folder.backbone, folder.name),
      option: undefined,
      status: undefined,
      group: folder.backbone,
      isReference: false,
      card,
      claims: {},
      claimsSource: undefined,
    };
    const [prepared] = await prepareCandidates(study, [candidate]);
    return prepared === undefined
      ? { folder, id, state: 'skipped', reason: 'no ONNX file' }
      : { folder, id, state: 'ready', prepared };
  } catch (thrown) {
    return { folder, id, state: 'failed', reason: asKnown(thrown).message };
  }
}

/** The card beside the model; without one the study's preprocessing counts, and the classes' alphabet. */
async function cardOf({ cardPath }: TrialFolder, modelPath: string, study: Study): Promise<ModelCard> {
  if (cardPath === undefined) {
    const stated = { file: modelPath, classes: UNKNOWN, trained_input_size: UNKNOWN } as const;
    const card = await toModelCard(modelPath.replace(/\.onnx$/i, '.model.yaml'), stated, study.file);
    return { ...card, modelPath };
  }
  const card = await loadModelCard(cardPath, study.file);
  // The search may be named by a relative path; a card's is resolved.
  if (card.modelPath !== resolve(modelPath)) {
    throw new BeltbenchError(
      'bad_card',
      `${cardPath} must be about ${modelPath} beside it, its \`file\` is ${card.modelPath}; correct it`,
    );
  }
  return card;
}
