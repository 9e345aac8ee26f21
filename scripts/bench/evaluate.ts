// bench:evaluate: does the model ever wait for images? Images per second of `evaluate`, which reads,
// decodes and hashes, over the same images decoded beforehand and run back to back. ResNet50, one
// intra-op thread; the two alternate, the medians are compared.
import os from 'node:os';
import { join } from 'node:path';
import { evaluateModel } from '../../src/measure/evaluate.ts';
import { besideModule, startIsolate } from '../../src/runtime/isolate.ts';
import { benchInputs, INPUT_SIZE, median, PREPROCESSING, report, validationImages } from './common.ts';

/** A full validation set's worth: the decoder's own start-up is part of `evaluate`, and must not weigh more here. */
const IMAGES = 1200;
const REPEATS = 2;

async function evaluateRate(modelPath: string, paths: readonly string[]): Promise<number> {
  const { imagesPerSecond } = await evaluateModel(
    {
      open: {
        modelPath,
        threads: 1,
        inputSize: INPUT_SIZE,
        preprocessing: PREPROCESSING,
        items: paths.map((path) => ({ id: path, path })),
      },
      classes: ['clean', 'pit'],
      outputs: 'logits',
      labels: new Map(paths.map((path) => [path, 'clean'])),
    },
    () => undefined,
  );
  return imagesPerSecond;
}

async function backToBackRate(modelPath: string, imagePaths: readonly string[]): Promise<number> {
  const child = startIsolate(besideModule(import.meta.url, 'bareChild'), 'back to back');
  try {
    await child.call('open', { modelPath, threads: 1, imagePaths, warmup: 0 });
    const start = performance.now();
    await child.call('time', { count: imagePaths.length });
    return imagePaths.length / ((performance.now() - start) / 1000);
  } finally {
    await child.close();
  }
}

const { modelsDir, dataDir } = benchInputs();
const modelPath = join(modelsDir, 'resnet50.onnx');
const paths = await validationImages(dataDir, IMAGES);
const evaluated: number[] = [];
const backToBack: number[] = [];
for (let repeat = 0; repeat < REPEATS; repeat += 1) {
  const takeEvaluated = async () => evaluated.push(await evaluateRate(modelPath, paths));
  const takeBackToBack = async () => backToBack.push(await backToBackRate(modelPath, paths));
  // ABBA, so that a drift of the machine meets both alike.
  for (const take of repeat % 2 === 0 ? [takeEvaluated, takeBackToBack] : [takeBackToBack, takeEvaluated]) {
    await take();
  }
}
const ratio = median(evaluated) / median(backToBack);
console.log(
  `evaluate ${median(evaluated).toFixed(1)} images/s, back to back ${median(backToBack).toFixed(1)} images/s`,
);
report('evaluate', { throughput_ratio: ratio, cpu: os.cpus()[0]?.model ?? 'unknown' });
