import type { OnQuantizeProgress, QuantizeJob } from './job.ts';
import { calibrateModel, roundModel } from './quantize.ts';
import { layerSensitivity } from './sensitivity.ts';

/** Images enough to rank layers by; each runs through both forms of every layer. */
const SENSITIVITY_IMAGES = 32;

/**
 * Names of the layers that a job would make integer, the one that rounding hurts most first, as
 * measured on some of its calibration images.
 *
 * @throws BeltbenchError as `quantizeModel` does, but for what concerns the file, because none is written
 */
export async function worstLayers(job: QuantizeJob, onProgress: OnQuantizeProgress): Promise<readonly string[]> {
  const calibrated = await calibrateModel(job, onProgress);
  // Before rounding, which uses the graph up.
  const floatModel = calibrated.graph.build();
  const { images, preprocessing, inputSize, threads } = job;
  onProgress('rank', 0, 1);
  const ranked = await layerSensitivity({
    floatModel,
    quantizedModel: roundModel(calibrated, job.recipe, {}),
    planned: calibrated.plan.nodes,
    images: everyNth(images, SENSITIVITY_IMAGES),
    preprocessing,
    inputSize,
    threads,
  });
  onProgress('rank', 1, 1);
  return ranked.map(({ node }) => node);
}

/** About `count` of them, from all parts: images of one class stand together. */
function everyNth<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, index) => index % step === 0);
}
