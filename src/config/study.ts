import { dirname, resolve } from 'node:path';
import { BeltbenchError } from '../shared/errors.ts';
import { deepFreeze } from './freeze.ts';
import { loadModelCard, type ModelCard } from './modelCard.ts';
import type { Claims } from './modelCardSchema.ts';
import { check } from './problems.ts';
import { studyProblem } from './studyChecks.ts';
import { studySchema, type StudyFile } from './studySchema.ts';
import { unusedKeys } from './unused.ts';
import { readYamlFile } from './yamlFile.ts';

/** One deployment that may be chosen: an entry of the study with its model card. */
export interface Candidate {
  readonly id: string;
  readonly option: string | undefined;
  readonly status: string | undefined;
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
  /** The flags that were laid over the file and change what is decided, as they are typed. */
  readonly overrides: readonly string[];
}

/** What flags on the command line lay over the study file. */
export interface Overrides {
  /** Candidate ids; empty means all. */
  readonly only?: readonly string[];
  readonly threads?: number;
  readonly forceNew?: boolean;
}

/**
 * Reads the study file and the model cards it names.
 *
 * @throws BeltbenchError `bad_study` or `bad_card`; the message names the key, the value and the way out
 */
export async function loadStudy(path: string, overrides: Overrides = {}): Promise<Study> {
  const absolute = resolve(path);
  const content = await readYamlFile(
    absolute,
    'bad_study',
    'name it with --study FILE or make one with `beltbench init`',
  );
  const checked = check(studySchema, content);
  if (!checked.ok) {
    throw new BeltbenchError('bad_study', `${path}: ${checked.problem}`);
  }
  const file = applyOverrides(checked.value, overrides);
  const only = overrides.only ?? [];
  const problem = studyProblem(file, only);
  if (problem !== undefined) {
    throw new BeltbenchError('bad_study', `${path}: ${problem}`);
  }
  const base = dirname(absolute);
  const candidates = await loadCandidates(base, file, only);
  return deepFreeze({
    path: absolute,
    file,
    datasetRoot: resolve(base, file.dataset.root),
    reportsDir: resolve(base, file.reports),
    candidates,
    overrides: typedOverrides(overrides),
    unused: [...unusedKeys(content), ...candidates.flatMap(({ card }) => card.unused)],
  });
}

function typedOverrides({ only = [], threads }: Overrides): string[] {
  return [
    ...(only.length > 0 ? [`--only ${only.join(' ')}`] : []),
    ...(threads === undefined ? [] : [`--threads ${threads}`]),
  ];
}

function applyOverrides(file: StudyFile, { threads, forceNew }: Overrides): StudyFile {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 1024)) {
    throw new BeltbenchError(
      'bad_usage',
      `the number of threads must be a whole number from 1 to 1024, received ${threads}; correct it`,
    );
  }
  return {
    ...file,
    benchmarking: { ...file.benchmarking, ...(threads !== undefined && { threads }) },
    run: forceNew === true ? { mode: 'force_new' } : file.run,
  };
}

/** One after the other, so that of several broken cards the first is told. */
async function loadCandidates(base: string, file: StudyFile, only: readonly string[]): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const { id, card: cardPath, option, status, claimed } of file.candidates) {
    if (only.length === 0 || only.includes(id)) {
      const card = await loadModelCard(resolve(base, cardPath), file);
      const sources = [claimed === undefined ? undefined : 'study', card.claimsSource];
      candidates.push({
        id,
        option,
        status,
        card,
        claims: { ...card.claims, ...claimed },
        claimsSource: sources.filter((source) => source !== undefined).join(', ') || undefined,
      });
    }
  }
  return candidates;
}
