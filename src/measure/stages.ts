import type { Preprocessing, Size } from '../config/preprocessing.ts';
import { decodeImage } from '../datasets/decode.ts';
import { readImage } from '../datasets/readImage.ts';
import { resizeImage } from '../datasets/resize.ts';
import { writeTensor } from '../datasets/tensor.ts';
import type { StageSample } from '../records/latency.ts';
import { chooseSoftmax, toProbabilities } from '../runtime/probabilities.ts';
import type { Classifier } from '../runtime/session.ts';

/** What the last stage needs to decide: which output is the target, and the line's thresholds. */
export interface StageSettings {
  readonly outputs: 'logits' | 'probabilities' | 'auto';
  readonly targetIndex: number;
  readonly maybeThreshold: number;
  readonly targetThreshold: number;
}

/**
 * Sends one image the whole path that an item takes on the line, from its file to the answer, and
 * times each stage and, on the same clock, the whole.
 */
export async function runStages(
  path: string,
  classifier: Classifier,
  spec: Preprocessing,
  size: Size,
  settings: StageSettings,
): Promise<StageSample> {
  const start = process.hrtime.bigint();
  const bytes = await readImage(path);
  const read = process.hrtime.bigint();
  const image = await decodeImage(bytes, path);
  const decoded = process.hrtime.bigint();
  const resized = await resizeImage(image, spec, size);
  const fitted = process.hrtime.bigint();
  const values = new Float32Array(3 * size.height * size.width);
  writeTensor(resized, spec, values);
  const input = classifier.toInput(values, [1, 3, size.height, size.width]);
  const wrapped = process.hrtime.bigint();
  const outputs = await classifier.run(input);
  const ran = process.hrtime.bigint();
  decideItem(outputs, path, settings);
  const end = process.hrtime.bigint();
  return {
    read_ms: between(start, read),
    decode_ms: between(read, decoded),
    resize_ms: resized === image ? null : between(decoded, fitted),
    to_tensor_ms: between(fitted, wrapped),
    run_ms: between(wrapped, ran),
    decide_ms: between(ran, end),
    end_to_end_ms: between(start, end),
  };
}

/** The line's answer to one item: what the production code does after the model. */
function decideItem(outputs: Float32Array, name: string, settings: StageSettings): 'target' | 'maybe' | 'clear' {
  const rule = chooseSoftmax(settings.outputs, [outputs]);
  const score = toProbabilities(outputs, rule, name)[settings.targetIndex] ?? Number.NaN;
  if (score >= settings.targetThreshold) {
    return 'target';
  }
  return score >= settings.maybeThreshold ? 'maybe' : 'clear';
}

function between(from: bigint, to: bigint): number {
  return Number(to - from) / 1e6;
}
