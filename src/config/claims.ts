import { dirname, resolve } from 'node:path';
import { BeltbenchError } from '../shared/errors.ts';
import { isRecord } from '../shared/values.ts';
import { findClaims } from './findClaims.ts';
import type { Claims, ModelCardFile } from './modelCardSchema.ts';
import { printable, shown } from './shown.ts';
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
 *
 * @param id the candidate's, where the card belongs to one: a file may hold several models' figures
 * @throws BeltbenchError `bad_card` when the named file cannot be read or holds no object
 */
export async function readClaims(
  cardPath: string,
  card: ModelCardFile,
  study: Pick<StudyFile, 'dataset' | 'candidates'>,
  id?: string,
): Promise<SourcedClaims> {
  const stated = card.claimed ?? {};
  const ownSource = card.claimed === undefined ? undefined : 'model card';
  if (card.evaluation_results === undefined) {
    return { claims: stated, source: ownSource, unused: [] };
  }
  const path = resolve(dirname(cardPath), card.evaluation_results);
  const content = await readYamlFile(path, 'bad_card', 'correct `evaluation_results` in the model card or remove it');
  if (!isRecord(content)) {
    throw new BeltbenchError(
      'bad_card',
      `${path} must hold one object of figures, received ${shown(content)}; export it again`,
    );
  }
  const others =
    id === undefined ? [] : study.candidates.map((candidate) => candidate.id).filter((other) => other !== id);
  const names = [id, card.trial_name, card.file.replace(/\.onnx$/i, ''), card.backbone].filter(
    (name): name is string => name !== undefined && !others.includes(name),
  );
  const { claims: found, contradicting } = findClaims(content, { dataset: study.dataset, names, others });
  const foundSource = Object.keys(found).length === 0 ? undefined : card.evaluation_results;
  return {
    claims: { ...found, ...stated },
    source: [ownSource, foundSource].filter((source) => source !== undefined).join(', ') || undefined,
    unused:
      contradicting.length > 0
        ? [
            `${path}: the figures under ${contradicting.map((key) => printable(key)).join(', ')} differ, and none of them is called like this model (${names.map((name) => `\`${name}\``).join(', ')}) or the split, so none is taken; state the right ones under \`claimed\``,
          ]
        : foundSource === undefined
          ? [
              `${path} holds no figure under a name that is known (accuracy, latency_ms, ...); state them under \`claimed\``,
            ]
          : [],
  };
}
