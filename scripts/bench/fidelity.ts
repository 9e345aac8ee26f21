// bench:fidelity: does `measure` see what a bare loop sees? Per model, p50 of the product's child
// over p50 of a bare loop on a session with the same options, in alternating turns. Fresh pairs of
// processes are started several times, each of the two first in half of them: the one that loads its
// model first was 2 % slower here even when both were the same program.
import os from 'node:os';
import { join } from 'node:path';
import { besideModule, startIsolate } from '../../src/runtime/isolate.ts';
import type { OpenParams, TurnParams, TurnResult } from '../../src/measure/turn.ts';
import { benchInputs, INPUT_SIZE, median, MODELS, PREPROCESSING, report, validationImages } from './common.ts';

const LAUNCHES = 8;
const ROUNDS = 4;
const PER_ROUND = 25;
const WARMUP = 20;

async function comparePair(modelPath: string, imagePaths: readonly string[], bareFirst: boolean) {
  const product = startIsolate(join(import.meta.dirname, '../../src/measure/latencyChild.ts'), 'measure');
  const bare = startIsolate(besideModule(import.meta.url, 'bareChild'), 'bare loop');
  try {
    const open: OpenParams = {
      launch: 1,
      modelPath,
      threads: 1,
      inputSize: INPUT_SIZE,
      preprocessing: PREPROCESSING,
      imagePaths,
      batchSizes: [1],
      warmupIterations: WARMUP,
      stageSettings: { outputs: 'logits', targetIndex: 1, maybeThreshold: 0.5, targetThreshold: 0.75 },
    };
    const openProduct = () => product.call('open', open);
    const openBare = () => bare.call('open', { modelPath, threads: 1, imagePaths, warmup: WARMUP });
    for (const openNext of bareFirst ? [openBare, openProduct] : [openProduct, openBare]) {
      await openNext();
    }
    const turn: TurnParams = { batchSize: 1, iterations: PER_ROUND, settleIterations: 3, stageIterations: 0 };
    const [productMs, bareMs]: [number[], number[]] = [[], []];
    const takeProduct = async () => productMs.push(...(await product.call<TurnResult>('turn', turn)).samples_ms);
    const takeBare = async () => bareMs.push(...(await bare.call<number[]>('time', { count: PER_ROUND + 3 })).slice(3));
    for (let round = 0; round < ROUNDS; round += 1) {
      // ABBA, so that a drift of the machine meets both alike.
      const order = (round % 2 === 0) === bareFirst ? [takeBare, takeProduct] : [takeProduct, takeBare];
      for (const take of order) {
        await take();
      }
    }
    return { productMs, bareMs };
  } finally {
    await Promise.all([product.close(), bare.close()]);
  }
}

const { modelsDir, dataDir } = benchInputs();
const imagePaths = await validationImages(dataDir, 16);
const figures: Record<string, number | string> = { cpu: os.cpus()[0]?.model ?? 'unknown' };
for (const model of MODELS) {
  const productMs: number[] = [];
  const bareMs: number[] = [];
  for (let launch = 0; launch < LAUNCHES; launch += 1) {
    const pair = await comparePair(join(modelsDir, `${model}.onnx`), imagePaths, launch % 2 === 0);
    productMs.push(...pair.productMs);
    bareMs.push(...pair.bareMs);
  }
  const ratio = median(productMs) / median(bareMs);
  console.log(
    `${model}: measure ${median(productMs).toFixed(3)} ms, bare ${median(bareMs).toFixed(3)} ms, ratio ${ratio.toFixed(4)}`,
  );
  figures[`p50_ratio.${model}`] = ratio;
}
report('fidelity', figures);
