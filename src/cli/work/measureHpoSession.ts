import { loadSearchConfig, type SearchConfig } from '../../config/searchConfig.ts';
import type { Study } from '../../config/study.ts';
import { benchmarkingProblem } from '../../config/studyChecks.ts';
import { readStudyFile } from '../../config/studyFile.ts';
import type { StudyFile } from '../../config/studySchema.ts';
import { unstatedKeys } from '../../config/unstated.ts';
import { unusedKeys } from '../../config/unused.ts';
import { runtimeVersion } from '../../runtime/versions.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { RunStore } from '../../store/store.ts';
import { METADATA_FILES, METRICS_FILE } from '../../store/trialFolder.ts';
import type { Io } from '../io.ts';
import { Progress } from '../progress.ts';
import { toolVersion } from '../version.ts';
import type { MeasuringArgs, Session } from './session.ts';

/** What `measure --hpo` is called with. */
export interface MeasureHpoArgs extends MeasuringArgs {
  readonly hpo: string;
  readonly config: readonly string[] | undefined;
}

/** What a benchmark file must not overwrite: what is read of a trial, its model and its card. */
function isTaken(name: string): boolean {
  return [METRICS_FILE, ...METADATA_FILES].includes(name.toLowerCase()) || /\.(onnx|onnx_data|yaml|data)$/i.test(name);
}

/**
 * The session in which a search's trials are measured: images, preprocessing and settings are the
 * study's, with the earlier tools' YAML laid over it and the flags over both. The study's own
 * candidates stay out of it, and their cards unread.
 *
 * @throws BeltbenchError `bad_study` when a file cannot be used, or the two contradict each other
 */
export async function openHpoSession(args: Omit<MeasureHpoArgs, 'hpo'>, io: Io): Promise<Session> {
  const overrides = { threads: args.threads, forceNew: args.forceNew };
  const { content, ...read } = await readStudyFile(args.study, overrides);
  const config = await loadSearchConfig(args.config ?? []);
  const laidOver = overlay(read.file, config, overrides);
  const { file, note } = lowerRounds(laidOver, config);
  const problem = benchmarkingProblem(file);
  if (problem !== undefined) {
    throw new BeltbenchError('bad_study', `${args.study} with ${args.config?.join(', ') ?? ''}: ${problem}`);
  }
  if (isTaken(file.output.filename)) {
    throw new BeltbenchError(
      'bad_study',
      `\`output.filename\` must not be a trial's own file, received ${file.output.filename}; \`benchmark.json\` is usual`,
    );
  }
  const study: Study = {
    ...read,
    file,
    candidates: [],
    overrides: [],
    // Here alone `output.filename` is used.
    unused: [...unusedKeys({ ...Object(content), output: undefined }), ...config.unused, ...note],
    unstated: unstatedKeys(content),
  };
  return {
    study,
    store: new RunStore(study.reportsDir),
    io,
    progress: new Progress(io, args),
    toolVersion: toolVersion(),
    runtime: runtimeVersion(),
  };
}

/** The earlier tools know no rounds: fewer iterations than the study's rounds are as many rounds. */
function lowerRounds(
  study: StudyFile,
  { content }: SearchConfig,
): { readonly file: StudyFile; readonly note: readonly string[] } {
  const { iterations, rounds } = study.benchmarking;
  const stated = Object.keys(Object(content['benchmarking']));
  if (iterations >= rounds || stated.includes('rounds') || !stated.includes('iterations')) {
    return { file: study, note: [] };
  }
  return {
    file: { ...study, benchmarking: { ...study.benchmarking, rounds: iterations } },
    note: [
      `\`benchmarking.rounds\` is lowered from ${rounds} to ${iterations}, the \`iterations\` of --config, so that every round has a sample`,
    ],
  };
}

/** The sections of measuring, key by key as the YAML states them. */
function overlay(
  study: StudyFile,
  { file, content }: SearchConfig,
  flags: Pick<MeasuringArgs, 'threads' | 'forceNew'>,
): StudyFile {
  const stated = <Section extends object>(name: string, section: Section): Partial<Section> => {
    const keys = Object.keys(Object(content[name]));
    return Object.fromEntries(Object.entries(section).filter(([key]) => keys.includes(key))) as Partial<Section>;
  };
  const { filename } = { ...study.output, ...stated('output', file.output) };
  return {
    ...study,
    run: flags.forceNew ? study.run : { ...study.run, ...stated('run', file.run) },
    benchmarking: {
      ...study.benchmarking,
      ...stated('benchmarking', file.benchmarking),
      ...(flags.threads !== undefined && { threads: flags.threads }),
    },
    benchmark: { ...study.benchmark, ...stated('benchmark', file.benchmark) },
    output: { filename },
  };
}
