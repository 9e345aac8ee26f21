import { dirname, resolve } from 'node:path';
import { BeltbenchError } from '../shared/errors.ts';
import { deepFreeze } from './freeze.ts';
import { referenceProblem } from './groups.ts';
import { loadModelCard, type ModelCard } from './modelCard.ts';
import type { Claims } from './modelCardSchema.ts';
import { typedSelection } from './selectionOverrides.ts';
import { readStudyFile, type Overrides } from './studyFile.ts';
import type { StudyFile } from './studySchema.ts';
import { unstatedKeys } from './unstated.ts';
import { unusedKeys } from './unused.ts';

export type { Overrides } from './studyFile.ts';

/** One deployment that may be chosen: an entry of the study with its model card. */
export interface Candidate {
  readonly id: string;
  readonly option: string | undefined;
  readonly status: string | undefined;
  /** The variants of one network that it belongs to, for `compare`. */
  readonly group: string;
  /** Whether the study says that the others of its group are compared with it. */
  readonly isReference: boolean;
  readonly card: ModelCard;
  /** The study's claims over the card's; claims are shown, never used as measurements. */
  readonly claims: Claims;
  /** Where the claims come from: the study, the card, the file the card names. */
  readonly claimsSource: string | undefined;
}

/** The validated study: every default filled in, every path absolute, every card read. Frozen through and through. */
export interface Study {
  readonly path: string;
  readonly file: Readonly<StudyFile>;
  readonly datasetRoot: string;
  readonly reportsDir: string;
  /** The candidates to work on, in the study's order: all, or those of `--only`. */
  readonly candidates: readonly Candidate[];
  /** What of the study and its cards was accepted but has no meaning here, and why. */
  readonly unused: readonly string[];
  /** Keys that say what the line demands and does today, and that the file leaves to their defaults. */
  readonly unstated: readonly string[];
  /** The flags that were laid over the file and change what is decided, as they are typed. */
  readonly overrides: readonly string[];
}

/**
 * Reads the study file and the model cards it names.
 *
 * @throws BeltbenchError `bad_study` or `bad_card`; the message names the key, the value and the way out
 */
export async function loadStudy(path: string, overrides: Overrides = {}): Promise<Study> {
  const { content, ...read } = await readStudyFile(path, overrides);
  const candidates = await loadCandidates(dirname(read.path), read.file, overrides.only ?? []);
  const problem = referenceProblem(candidates);
  if (problem !== undefined) {
    throw new BeltbenchError('bad_study', `${path}: ${problem}`);
  }
  return deepFreeze({
    ...read,
    candidates,
    overrides: typedOverrides(overrides),
    unused: [...unusedKeys(content), ...candidates.flatMap(({ card }) => card.unused)],
    unstated: unstatedKeys(content),
  });
}

function typedOverrides(overrides: Overrides): string[] {
  const { only = [], threads } = overrides;
  return [
    ...(only.length > 0 ? [`--only ${only.join(' ')}`] : []),
    ...(threads === undefined ? [] : [`--threads ${threads}`]),
    ...typedSelection(overrides),
  ];
}

/** One after the other, so that of several broken cards the first is told. */
async function loadCandidates(base: string, file: StudyFile, only: readonly string[]): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const { id, card: cardPath, option, status, group, reference, claimed } of file.candidates) {
    if (only.length === 0 || only.includes(id)) {
      const card = await loadModelCard(resolve(base, cardPath), file, id);
      const sources = [claimed === undefined ? undefined : 'study', card.claimsSource];
      candidates.push({
        id,
        option,
        status,
        group: group ?? card.backbone ?? id,
        isReference: reference ?? false,
        card,
        claims: { ...card.claims, ...claimed },
        claimsSource: sources.filter((source) => source !== undefined).join(', ') || undefined,
      });
    }
  }
  return candidates;
}
