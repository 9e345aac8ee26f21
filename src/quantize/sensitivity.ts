import type { ModelProto } from '../onnx/generated/onnx_pb.ts';
import { addTaps } from '../onnx/rewrite/addTaps.ts';
import { besideModule, startIsolate } from '../runtime/isolate.ts';
import { graftLayers, type GraftedLayer } from './graftLayers.ts';
import type { ImageSource } from './imageFeed.ts';
import type { PlannedNode } from './plan.ts';
import { withScratchFolder, writeScratchModel } from './scratchFolder.ts';

/** A float model and its QDQ form, whose layers are to be compared on some images. */
export interface SensitivityJob extends ImageSource {
  /** The prepared float model that the QDQ form was made of. */
  readonly floatModel: ModelProto;
  readonly quantizedModel: ModelProto;
  readonly planned: readonly PlannedNode[];
  readonly threads: number;
}

/** What the rounding of one layer costs. */
export interface LayerSensitivity {
  readonly node: string;
  readonly opType: string;
  /** Signal over the noise of this layer's own rounding, in decibels; Infinity where it costs nothing. */
  readonly sqnrDb: number;
}

export interface MeasureParams extends ImageSource {
  readonly modelPath: string;
  readonly layers: readonly GraftedLayer[];
  readonly threads: number;
}

export interface MeasureResult {
  /** In the order of the layers: sums over all images of x squared and of (x - y) squared. */
  readonly sums: readonly { readonly signal: number; readonly noise: number }[];
}

/**
 * Measures how much of each planned layer's output the rounding of its input, weights, bias and
 * output spoils, on the same float input for all: SQNR = 10 lg(sum x^2 / sum (x - y)^2), x the float
 * output and y the quantized one, as the integer kernels of this host compute it. The idea is that
 * of ONNX Runtime's qdq_loss_debug.py, which compares two whole runs: there, the error of every
 * layer before is counted again.
 *
 * @returns the planned layers, the one that suffers most first
 * @throws BeltbenchError when the models cannot be run, there are no images or one changes
 */
export async function layerSensitivity(job: SensitivityJob): Promise<readonly LayerSensitivity[]> {
  const { images, preprocessing, inputSize, threads } = job;
  const { model, layers } = graftLayers(job.floatModel, job.quantizedModel, job.planned);
  return await withScratchFolder(async (folder) => {
    const taps = layers.flatMap(({ floatValue, quantizedValue }) => [floatValue, quantizedValue]);
    const modelPath = await writeScratchModel(folder, 'grafted.onnx', addTaps(model, taps));
    const child = startIsolate(besideModule(import.meta.url, 'sensitivityChild'), 'the measurement of sensitivity');
    try {
      const params: MeasureParams = { modelPath, layers, images, preprocessing, inputSize, threads };
      const { sums } = await child.call<MeasureResult>('measure', params);
      return layers
        .map(({ node, opType }, index) => ({ node, opType, sqnrDb: sqnrDb(sums[index]) }))
        .toSorted((a, b) => (a.sqnrDb < b.sqnrDb ? -1 : Number(a.sqnrDb > b.sqnrDb)));
    } finally {
      await child.close();
    }
  });
}

function sqnrDb(sums: MeasureResult['sums'][number] | undefined): number {
  if (sums === undefined) {
    throw new Error('a layer was not measured');
  }
  return sums.noise === 0 ? Infinity : 10 * Math.log10(sums.signal / sums.noise);
}
