// bench:int8: what does the product's own INT8 cost and gain? Each model is quantized by the built
// command line with this host's default recipe; `--recipe FILE` takes another. Then fp32 as exported,
// our INT8 and, where the folder holds one, the Python tool's file are timed in interleaved rounds of
// one session at `--threads` (1), and evaluated on the validation images.
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluateModel } from '../../src/measure/evaluate.ts';
import { probeHostClass } from '../../src/measure/host.ts';
import { measureLatency, type LatencyJob } from '../../src/measure/latency.ts';
import { spreadIterations } from '../../src/measure/inputs.ts';
import { pairPredictions } from '../../src/quantize/search/pairPredictions.ts';
import type { Predictions } from '../../src/records/predictions.ts';
import { pairedDifference } from '../../src/stats/mcnemar.ts';
import { BENCH_OPTIONS, INPUT_SIZE, median, MODELS, PREPROCESSING, report, validationImages } from './common.ts';
import { costOf } from './processTree.ts';

const ROUNDS = 10;
const ITERATIONS = 300;
const CALIBRATION_IMAGES = 200;
const WARMUP = 20;
const SEED = 1;

interface Variant {
  readonly id: string;
  readonly path: string;
}

const { values: options } = parseArgs({
  options: { ...BENCH_OPTIONS, threads: { type: 'string', default: '1' }, recipe: { type: 'string' } },
});
const threads = Number(options.threads);
const images = await validationImages(options.data, Number.POSITIVE_INFINITY);
const classes = (await readdir(join(options.data, 'val'))).toSorted();
const folder = await mkdtemp(join(os.tmpdir(), 'beltbench-int8-'));
const figures: Record<string, unknown> = await describeHost();
try {
  const variants: Variant[] = [];
  for (const model of MODELS) {
    variants.push(...(await variantsOf(model)));
  }
  const p50 = await timeAll(variants);
  for (const model of MODELS) {
    await compareModel(model, variants, p50);
  }
} finally {
  await rm(folder, { recursive: true });
}
report('int8', figures);

async function describeHost(): Promise<Record<string, unknown>> {
  const { cpu_model: cpu, isa } = await probeHostClass();
  const vnni = isa.includes('avx512_vnni') ? 'AVX512-VNNI' : 'AVX2 without VNNI';
  const column = isa.includes('amx_int8') ? 'with AMX' : vnni;
  return { host: { cpu, column }, threads };
}

/** fp32 as exported, our INT8 made now, and the Python tool's file if there is one. */
async function variantsOf(model: string): Promise<Variant[]> {
  const fp32 = join(folder, `${model}.onnx`);
  const int8 = join(folder, `${model}.int8.onnx`);
  await copyFile(join(options.models, `${model}.onnx`), fp32);
  await writeFile(
    join(folder, `${model}.model.yaml`),
    `file: ${model}.onnx\nclasses: [${classes.join(', ')}]\ntrained_input_size: 128\nresize: none\nscale: 1/255\n`,
  );
  const cost = await costOf(process.execPath, [
    join(import.meta.dirname, '../../dist/cli/main.js'),
    'quantize',
    fp32,
    '--calibration',
    join(resolve(options.data), 'train'),
    '--out',
    int8,
    '--images',
    String(CALIBRATION_IMAGES),
    '--threads',
    String(os.availableParallelism()),
    '--quiet',
    ...(options.recipe === undefined ? [] : ['--recipe', options.recipe]),
  ]);
  console.log(`${model}: quantized in ${cost.seconds.toFixed(1)} s, at most ${cost.peakGb.toFixed(2)} GB`);
  if (model === 'convnextv2_tiny') {
    figures['quantize_seconds'] = cost.seconds;
    figures['quantize_peak_gb'] = cost.peakGb;
  }
  const python = join(options.models, `${model}.python-int8.onnx`);
  return [
    { id: `${model}.fp32`, path: fp32 },
    { id: `${model}.int8`, path: int8 },
    ...(existsSync(python) ? [{ id: `${model}.python_tool`, path: python }] : []),
  ];
}

/** The median of all samples per variant, in milliseconds. */
async function timeAll(variants: readonly Variant[]): Promise<ReadonlyMap<string, number>> {
  const samples = new Map<string, number[]>(variants.map(({ id }) => [id, []]));
  const jobs = variants.map(({ id, path }): LatencyJob => ({
    id,
    missingRounds: spreadIterations(ITERATIONS, ROUNDS).map((iterations, index) => ({
      round: index + 1,
      batchSize: 1,
      iterations,
    })),
    open: {
      launch: 1,
      modelPath: path,
      threads,
      inputSize: INPUT_SIZE,
      preprocessing: PREPROCESSING,
      imagePaths: images.slice(0, 32),
      batchSizes: [1],
      warmupIterations: WARMUP,
      stageSettings: { outputs: 'logits', targetIndex: 1, maybeThreshold: 0.5, targetThreshold: 0.75 },
    },
  }));
  await measureLatency(jobs, SEED, {
    onLaunch: () => Promise.resolve(),
    onRound: (id, round) => {
      samples.get(id)?.push(...round.samples_ms);
      return Promise.resolve();
    },
    onFailure: (id, reason) => Promise.reject(new Error(`${id}: ${reason}`)),
    beforeTurn: () => true,
  });
  return new Map([...samples].map(([id, taken]) => [id, median(taken)]));
}

async function compareModel(model: string, variants: readonly Variant[], p50: ReadonlyMap<string, number>) {
  const ms = (id: string): number => p50.get(id) ?? Number.NaN;
  const ratio = (a: string, b: string): number => ms(a) / ms(b);
  const int8 = `${model}.int8`;
  figures[`${model}.over_fp32`] = ratio(int8, `${model}.fp32`);
  if (model === 'convnextv2_tiny') {
    figures[`${model}.over_resnet50_fp32`] = ratio(int8, 'resnet50.fp32');
  }
  const predictions = new Map<string, Predictions>();
  for (const { id, path } of variants.filter((variant) => variant.id.startsWith(`${model}.`))) {
    predictions.set(id, await predictionsOf(path));
  }
  for (const id of [int8, `${model}.python_tool`].filter((variant) => predictions.has(variant))) {
    const { difference, low, high, flips } = against(predictions.get(`${model}.fp32`), predictions.get(id));
    console.log(
      `${id}: p50 ${ms(id).toFixed(2)} ms, ${ratio(id, `${model}.fp32`).toFixed(3)} of fp32 (${ms(`${model}.fp32`).toFixed(2)} ms); accuracy drop ${difference.toFixed(2)} points (${low.toFixed(2)} to ${high.toFixed(2)}), ${flips} flips`,
    );
    if (id === int8) {
      figures[`${model}.accuracy_drop_points`] = difference;
      figures[`${model}.tango_low`] = low;
      figures[`${model}.tango_high`] = high;
      figures[`${model}.flips`] = flips;
    } else {
      figures[`${model}.over_python_tool`] = ratio(int8, id);
      figures[`${model}.python_tool_flips`] = flips;
    }
  }
}

async function predictionsOf(modelPath: string): Promise<Predictions> {
  const labelOf = (path: string): string => classes.find((name) => path.includes(`/val/${name}/`)) ?? '';
  const { predictions } = await evaluateModel(
    {
      open: {
        modelPath,
        threads,
        inputSize: INPUT_SIZE,
        preprocessing: PREPROCESSING,
        items: images.map((path) => ({ id: path, path })),
      },
      classes,
      outputs: 'logits',
      labels: new Map(images.map((path) => [path, labelOf(path)])),
    },
    () => undefined,
  );
  return predictions;
}

/** In points; positive where the second is worse. */
function against(first: Predictions | undefined, second: Predictions | undefined) {
  if (first === undefined || second === undefined) {
    throw new Error('a variant was not evaluated');
  }
  const counts = pairPredictions(first, second, undefined);
  const paired = pairedDifference(counts.only_reference_correct, counts.only_variant_correct, counts.images);
  return {
    difference: 100 * (paired?.difference ?? Number.NaN),
    low: 100 * (paired?.interval.lower ?? Number.NaN),
    high: 100 * (paired?.interval.upper ?? Number.NaN),
    flips: counts.flips,
  };
}
