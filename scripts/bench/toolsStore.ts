// A part of bench:tools: what `runs list`, `decide` and `runs missing` take as processes, with 10,000
// records in the store and the models and images of the other benchmarks.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { openSession, readSubjects } from '../../src/cli/work/session.ts';
import { INPUT_SIZE, MODELS, type BenchInputs } from './common.ts';
import { writeManyRecords } from './manyRecords.ts';
import { runBuilt } from './runBuilt.ts';

const RECORDS = 10_000;
const REPEATS = 5;

export interface StoreFigures {
  readonly runs_list_seconds: number;
  readonly decide_seconds: number;
  readonly runs_missing_seconds: number;
}

/** Makes a study of the benchmark's models with a store of its own, times the built commands, and removes it. */
export async function storeFigures(inputs: BenchInputs): Promise<StoreFigures> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-bench-'));
  try {
    await fill(await writeStudy(dir, inputs));
    const settings = { cwd: dir, repeats: REPEATS };
    return {
      runs_list_seconds: runBuilt(['runs', 'list'], settings),
      decide_seconds: runBuilt(['decide'], settings),
      runs_missing_seconds: runBuilt(['runs', 'missing'], settings),
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A study with a card for each model, in a folder of its own; the second class by name is the target. */
export async function writeStudy(dir: string, { modelsDir, dataDir }: BenchInputs): Promise<string> {
  const classes = (await readdir(join(dataDir, 'val'))).toSorted();
  for (const name of MODELS) {
    const card = {
      file: resolve(modelsDir, `${name}.onnx`),
      classes,
      input_size: INPUT_SIZE.height,
      trained_input_size: INPUT_SIZE.height,
      scale: '1/255',
    };
    await writeFile(join(dir, `${name}.model.yaml`), stringify(card));
  }
  const path = join(dir, 'beltbench.yaml');
  await writeFile(
    path,
    stringify({
      story: 'BENCH-TOOLS',
      dataset: {
        root: resolve(dataDir),
        split: 'val',
        classes: Object.fromEntries(classes.map((name) => [name, name])),
        target_class: classes[1],
      },
      candidates: MODELS.map((name) => ({ id: name, card: `${name}.model.yaml` })),
    }),
  );
  return path;
}

/** Puts the records into the study's store. */
export async function fill(study: string, records = RECORDS): Promise<void> {
  const io = {
    stdout: () => undefined,
    stderr: () => undefined,
    terminal: false,
    interrupted: new AbortController().signal,
    cwd: () => process.cwd(),
    env: {},
  };
  const session = await openSession({ study, only: [], json: false, quiet: true }, io);
  await writeManyRecords(session, await readSubjects(session), records);
}
