import { dirname, resolve } from 'node:path';
import { BeltbenchError } from '../shared/errors.ts';
import { loadModelCard, type ModelCard } from './modelCard.ts';
import type { Claims } from './modelCardSchema.ts';
import { check, hint } from './problems.ts';
import { studySchema, type StudyFile } from './studySchema.ts';
import { readYamlFile } from './yamlFile.ts';

/** One deployment that may be chosen: an entry of the study with its model card. */
export interface Candidate {
  readonly id: string;
  readonly option: string | undefined;
  readonly status: string | undefined;
  readonly card: ModelCard;
  /** The study's claims over the card's; claims are shown, never used as measurements. */
  readonly claims: Claims;
}

/** The validated study: every default filled in, every path absolute, every card read. */
export interface Study {
  readonly path: string;
  readonly file: Readonly<StudyFile>;
  readonly datasetRoot: string;
  readonly reportsDir: string;
  /** All candidates of the study, in its order. */
  readonly candidates: readonly Candidate[];
  /** What of the study was accepted but has no meaning here, and why. */
  readonly unused: readonly string[];
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
  assertStudyHolds(path, file, overrides.only ?? []);
  const base = dirname(absolute);
  const only = new Set(overrides.only);
  const wanted = file.candidates.filter((candidate) => only.size === 0 || only.has(candidate.id));
  const candidates = await Promise.all(
    wanted.map(async (entry): Promise<Candidate> => {
      const card = await loadModelCard(resolve(base, entry.card), file);
      return {
        id: entry.id,
        option: entry.option,
        status: entry.status,
        card,
        claims: { ...card.claims, ...entry.claimed },
      };
    }),
  );
  return Object.freeze({
    path: absolute,
    file: Object.freeze(file),
    datasetRoot: resolve(base, file.dataset.root),
    reportsDir: resolve(base, file.reports),
    candidates,
    unused: unusedKeys(file),
  });
}

function applyOverrides(file: StudyFile, overrides: Overrides): StudyFile {
  return {
    ...file,
    benchmarking: { ...file.benchmarking, ...(overrides.threads !== undefined && { threads: overrides.threads }) },
    run: overrides.forceNew === true ? { mode: 'force_new' } : file.run,
  };
}

function assertStudyHolds(path: string, file: StudyFile, only: readonly string[]): void {
  const fail = (message: string): never => {
    throw new BeltbenchError('bad_study', `${path}: ${message}`);
  };
  const classes = Object.keys(file.dataset.classes);
  if (classes.length < 2) {
    fail(`\`dataset.classes\` needs at least 2 classes, received ${classes.length}; add CLASS: FOLDER for each`);
  }
  for (const key of ['target_class', 'maybe_class'] as const) {
    const name = file.dataset[key];
    if (name !== undefined && !classes.includes(name) && key === 'target_class') {
      fail(`\`dataset.${key}\` is \`${name}\`, which is not one of the classes${hint(name, classes)}`);
    }
  }
  if (file.dataset.maybe_class === file.dataset.target_class) {
    fail(
      `\`dataset.maybe_class\` must differ from the target class, received \`${file.dataset.target_class}\`; name the class for uncertain items`,
    );
  }
  const clear = classes.filter((name) => name !== file.dataset.target_class && name !== file.dataset.maybe_class);
  if (file.dataset.maybe_class !== undefined && clear.length !== 1) {
    fail(
      `with a \`maybe_class\` there must be exactly one other class beside the target, received ${clear.join(', ') || 'none'}; remove the others`,
    );
  }
  for (const folder of Object.values(file.dataset.classes)) {
    if (folder.split(/[/\\]/).includes('..') || resolve('/x', folder) === folder) {
      fail(`a class folder must lie inside the split, received \`${folder}\`; write its name only`);
    }
  }
  const ids = file.candidates.map((candidate) => candidate.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    fail(`candidate ids must differ, received \`${twice}\` twice; rename one`);
  }
  const strange = only.find((id) => !ids.includes(id));
  if (strange !== undefined) {
    fail(`--only names \`${strange}\`, which is no candidate${hint(strange, ids)}`);
  }
  const { batch_sizes: batchSizes, device, iterations, rounds } = file.benchmarking;
  if (!batchSizes.includes(1)) {
    fail(
      `\`benchmarking.batch_sizes\` must hold 1, because the budget is judged at batch 1, received [${batchSizes.join(', ')}]; add 1`,
    );
  }
  if (iterations < rounds) {
    fail(
      `\`benchmarking.iterations\` (${iterations}) must be at least \`rounds\` (${rounds}), so that every round has a sample; raise it`,
    );
  }
  if (device !== undefined && device !== null && device !== 'cpu') {
    fail(
      `\`benchmarking.device\` must be null or \`cpu\`, because the line PC has no accelerator, received \`${device}\`; remove it`,
    );
  }
  if (file.thresholds.production.maybe > file.thresholds.production.target) {
    fail(
      `\`thresholds.production.maybe\` (${file.thresholds.production.maybe}) must not be above \`target\` (${file.thresholds.production.target}); swap them`,
    );
  }
}

function unusedKeys(file: StudyFile): string[] {
  const unused: string[] = [];
  if (file.benchmarking.max_length !== undefined) {
    unused.push(
      '`benchmarking.max_length` has no meaning for images; it is part of the benchmark key and otherwise unused',
    );
  }
  return unused;
}
