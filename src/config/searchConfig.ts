import { distance } from 'fastest-levenshtein';
import { BeltbenchError } from '../shared/errors.ts';
import { isRecord } from '../shared/values.ts';
import { check } from './problems.ts';
import { searchConfigSchema, type SearchConfigFile } from './searchConfigSchema.ts';
import { printable, shown } from './shown.ts';
import { selectionProblem } from './selectionOverrides.ts';
import { deviceProblem } from './studyChecks.ts';
import { studySchema } from './studySchema.ts';
import { unusedKeys } from './unused.ts';
import { readYamlFile } from './yamlFile.ts';

/** What the earlier tools' YAML, or a study, says of selecting among trials and measuring them. */
export interface SearchConfig {
  readonly file: Readonly<SearchConfigFile>;
  /** As it was written, before any default was filled in: which keys are stated at all. */
  readonly content: Readonly<Record<string, unknown>>;
  /** What was accepted but has no meaning here, and why. */
  readonly unused: readonly string[];
}

const SEARCHES = 'steers the search that trained the trials';
const FILTERS = "filters a tracking server's runs";
/** Sections of the earlier tools without a meaning here. */
const UNUSED_SECTIONS: Readonly<Record<string, string>> = {
  search_space: SEARCHES,
  sampling: SEARCHES,
  early_termination: SEARCHES,
  checkpoint: SEARCHES,
  refit: SEARCHES,
  study_name: SEARCHES,
  scoring:
    'weighs accuracy and speed into one number, which the selector never does: accuracy first, speed within the threshold',
  grouping: FILTERS,
  filtering: FILTERS,
  schema_version: 'names the version of their format',
};
const UNUSED_KEYS: readonly (readonly [section: string, key: string, why: string])[] = [
  ['output', 'save_summary', 'is unused: the summary is what the command prints'],
  ['benchmark', 'min_benchmark_runs', 'is unused: the number of runs is shown beside each candidate'],
];

/**
 * Reads one or more YAML files, the later over the earlier, section by section. No file at all means
 * the defaults.
 *
 * @throws BeltbenchError `bad_study`; the message names the file, the key, the value and the way out
 */
export async function loadSearchConfig(paths: readonly string[]): Promise<SearchConfig> {
  const merged: Record<string, unknown> = {};
  const unused: string[] = [];
  for (const path of paths) {
    const fail = (problem: string): never => {
      throw new BeltbenchError('bad_study', `${path}: ${problem}`);
    };
    const content = await readYamlFile(path, 'bad_study', 'name an existing YAML file');
    if (!isRecord(content)) {
      return fail(`expected sections such as \`selection\`, received ${shown(content)}; correct it`);
    }
    const { counted, ignored } = sortSections(content, fail);
    checkSections(counted, fail);
    unused.push(...ignored, ...unusedIn(counted));
    for (const [name, section] of Object.entries(counted)) {
      const before = merged[name];
      merged[name] = isRecord(before) && isRecord(section) ? { ...before, ...section } : section;
    }
  }
  const fail = (problem: string): never => {
    throw new BeltbenchError('bad_study', `${paths.join(' with ')}: ${problem}`);
  };
  const file = checkSections(merged, fail);
  const problem = selectionProblem(file.selection);
  return problem === undefined ? { file, content: merged, unused: [...new Set(unused)] } : fail(problem);
}

function checkSections(content: Record<string, unknown>, fail: (problem: string) => never): SearchConfigFile {
  const checked = check(searchConfigSchema, content);
  if (!checked.ok) {
    return fail(checked.problem);
  }
  const problem = directionProblem(checked.value) ?? deviceProblem(checked.value);
  return problem === undefined ? checked.value : fail(problem);
}

function directionProblem({ objective: { goal, direction } }: SearchConfigFile): string | undefined {
  return goal === 'minimize' || direction === 'minimize'
    ? '`objective.goal` must be `maximize`, because the highest value is selected, received `minimize`; name a metric of which more is better'
    : undefined;
}

/** The sections that count, and a line for each other one. */
function sortSections(
  content: Record<string, unknown>,
  fail: (problem: string) => never,
): { counted: Record<string, unknown>; ignored: string[] } {
  const known = Object.keys(searchConfigSchema.shape);
  // The section may also be a file of its own.
  const selectionKeys = Object.keys(searchConfigSchema.shape.selection.unwrap().shape);
  const isSelection = Object.keys(content).every((key) => selectionKeys.includes(key));
  const sections = isSelection ? { selection: content } : content;
  const counted: Record<string, unknown> = {};
  const ignored: string[] = [];
  for (const [name, section] of Object.entries(sections)) {
    if (section === null) {
      continue;
    }
    if (known.includes(name)) {
      counted[name] = section;
    } else if (Object.hasOwn(UNUSED_SECTIONS, name)) {
      ignored.push(`\`${name}\` is unused: it ${UNUSED_SECTIONS[name]}`);
    } else if (!Object.hasOwn(studySchema.shape, name)) {
      const meant = known.find((key) => distance(key, name) <= (name.length < 5 ? 1 : 2));
      if (meant !== undefined) {
        fail(`\`${printable(name)}\` is no known section, did you mean \`${meant}\`?`);
      }
      ignored.push(`\`${printable(name)}\` is unused: it is no section that counts here (${known.join(', ')})`);
    }
  }
  return { counted, ignored };
}

function unusedIn(content: Record<string, unknown>): string[] {
  const stated = UNUSED_KEYS.flatMap(([section, key, why]) => {
    const value = content[section];
    return isRecord(value) && Object.hasOwn(value, key) ? [`\`${section}.${key}\` ${why}`] : [];
  });
  // Of what a study would not use, `output`, `objective` and `tags` do count here.
  const { mlflow } = content;
  const foreign = Object.keys(isRecord(mlflow) ? mlflow : {}).filter(
    (key) => !Object.hasOwn(studySchema.shape.mlflow.unwrap().shape, key),
  );
  stated.push(...foreign.map((key) => `\`mlflow.${printable(key)}\` is unused: it ${SEARCHES}`));
  return [...stated, ...unusedKeys({ benchmarking: content['benchmarking'] })];
}
