import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readModelCard } from '../config/modelCard.ts';
import { check } from '../config/problems.ts';
import { readTextFile } from '../config/textFile.ts';
import { figure } from '../records/common.ts';
import { anyBenchmarkSchema, trialMetricsSchema, type HpoTrial, type TrialRun } from '../records/hpo.ts';
import { asKnown, reasonOf } from '../shared/errors.ts';
import { isRecord, positive } from '../shared/values.ts';
import { parsePythonJson } from './pythonJson.ts';

/** Where one trial, or one fold of it, lies. */
export interface TrialFolder {
  readonly backbone: string;
  /** The folder's name, with `_foldN` where it is a fold. */
  readonly name: string;
  readonly path: string;
  /** Its ONNX file: `model.onnx`, or the only one. */
  readonly modelPath: string | undefined;
  /** The model card beside it, `NAME.model.yaml`. */
  readonly cardPath: string | undefined;
  /** The names of its regular files; a symbolic link is none, because it may lead out of the tree. */
  readonly files: readonly string[];
}

/** What the files of one folder say; each is `undefined` where it is missing or unusable. */
export interface TrialFiles {
  readonly run: Omit<TrialRun, 'fold'> | undefined;
  readonly benchmark: Pick<HpoTrial, 'latencyMs' | 'benchmarkRuns' | 'measuredUnder'> | undefined;
  readonly parameters: number | undefined;
  readonly sizeBytes: number | undefined;
  readonly cost: number | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

export const METRICS_FILE = 'metrics.json';
/** What trainers call a trial's metadata. */
export const METADATA_FILES = ['trial_meta.json', 'metadata.json'];
const PARAMETER_KEYS = ['parameters', 'parameter_count', 'num_parameters'];

/** Looks a trial's folder over; nothing in it is opened. */
export async function openTrialFolder(
  parent: string,
  backbone: string,
  name: string,
  note: (text: string) => void,
): Promise<TrialFolder> {
  const path = join(parent, name);
  const entries = await readdir(path, { withFileTypes: true }).catch((thrown: unknown) => {
    note(`${path} cannot be read: ${reasonOf(thrown)}`);
    return [];
  });
  for (const link of entries.filter((entry) => entry.isSymbolicLink())) {
    note(`${join(path, link.name)} is a symbolic link, which is not followed`);
  }
  const files = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  const models = files.filter((file) => /\.onnx$/i.test(file)).toSorted();
  const model = models.find((file) => file === 'model.onnx') ?? (models.length === 1 ? models[0] : undefined);
  if (models.length > 1 && model === undefined) {
    note(`${path} holds ${models.length} ONNX files and none is called model.onnx: none is taken`);
  }
  const card = model === undefined ? undefined : model.replace(/\.onnx$/i, '.model.yaml');
  return {
    backbone,
    name,
    path,
    modelPath: model && join(path, model),
    cardPath: card !== undefined && files.includes(card) ? join(path, card) : undefined,
    files,
  };
}

/** Reads what a trial's folder holds; every fault is noted, and none ends the reading. */
export async function readTrialFiles(
  folder: TrialFolder,
  benchmarkFile: string,
  note: (text: string) => void,
): Promise<TrialFiles> {
  const metadata = Object.assign({}, ...(await readObjects(folder, METADATA_FILES, note))) as Record<string, unknown>;
  const [benchmark] = await readObjects(folder, [benchmarkFile], note);
  const [metrics] = await readObjects(folder, [METRICS_FILE], note);
  const at = (file: string) => (fault: string) => note(`${join(folder.path, file)} ${fault}`);
  return {
    run: metrics && readMetrics(metrics, at(METRICS_FILE)),
    benchmark: benchmark && readBenchmark(benchmark, at(benchmarkFile)),
    parameters:
      (await cardParameters(folder, note)) ??
      PARAMETER_KEYS.map((key) => positive(metadata[key])).find((count) => count !== undefined),
    sizeBytes: await modelSize(folder),
    cost: positive(metadata['cost']),
    fields: metadata,
  };
}

async function readObjects(
  { path, files }: TrialFolder,
  names: readonly string[],
  note: (text: string) => void,
): Promise<Record<string, unknown>[]> {
  const objects: Record<string, unknown>[] = [];
  for (const name of names.filter((each) => files.includes(each))) {
    try {
      const content = parsePythonJson(await readTextFile(join(path, name), 'bad_record', 'correct it or leave it out'));
      if (isRecord(content)) {
        objects.push(content);
      } else {
        note(`${join(path, name)} is no JSON object (cut off?)`);
      }
    } catch (thrown) {
      note(asKnown(thrown).message);
    }
  }
  return objects;
}

function readMetrics(content: Record<string, unknown>, note: (fault: string) => void): TrialFiles['run'] {
  const { per_entity: perEntity, ...others } = content;
  const checked = check(trialMetricsSchema, { per_entity: perEntity });
  if (!checked.ok) {
    note(`has no usable per-class figures: ${checked.problem}`);
  }
  const metrics: [string, number][] = [];
  const notNumbers: [string, unknown][] = [];
  for (const [name, value] of Object.entries(others)) {
    const read = figure.safeParse(value);
    if (read.success) {
      metrics.push([name, read.data]);
    } else {
      notNumbers.push([name, value]);
    }
  }
  return {
    metrics: Object.fromEntries(metrics),
    perClass: (checked.ok ? checked.value.per_entity : undefined) ?? {},
    ...(notNumbers.length > 0 && { notNumbers: Object.fromEntries(notNumbers) }),
  };
}

/** The mean latency per batch size; none at all without a valid `batch_1`, which the selection goes by. */
function readBenchmark(content: Record<string, unknown>, note: (fault: string) => void): TrialFiles['benchmark'] {
  const checked = check(anyBenchmarkSchema, content);
  if (!checked.ok) {
    note(`counts as no benchmark: ${checked.problem}`);
    return undefined;
  }
  const { benchmark_runs_count: benchmarkRuns, key_parts: parts } = checked.value;
  const batches = Object.entries(content).flatMap(([key, batch]): [number, number][] => {
    const size = /^batch_(\d{1,6})$/.exec(key)?.[1];
    const mean = isRecord(batch) ? positive(batch['mean_ms']) : undefined;
    return size === undefined || mean === undefined ? [] : [[Number(size), mean]];
  });
  return {
    latencyMs: Object.fromEntries(batches),
    benchmarkRuns,
    measuredUnder: parts && `${parts.host_class} ${parts.benchmark_config}`,
  };
}

async function cardParameters({ cardPath }: TrialFolder, note: (text: string) => void): Promise<number | undefined> {
  if (cardPath === undefined) {
    return undefined;
  }
  return await readModelCard(cardPath).then(
    ({ parameters }) => parameters,
    (thrown: unknown) => {
      note(asKnown(thrown).message);
      return undefined;
    },
  );
}

/** The ONNX file with the weights that exporters put beside it. */
async function modelSize({ modelPath, path, files }: TrialFolder): Promise<number | undefined> {
  if (modelPath === undefined) {
    return undefined;
  }
  const beside = ['.data', '_data'].map((ending) => modelPath + ending);
  const parts = [modelPath, ...beside.filter((each) => files.some((file) => join(path, file) === each))];
  const infos = await Promise.all(parts.map(async (part) => await lstat(part)));
  return infos.reduce((sum, { size }) => sum + size, 0);
}
