import { evaluateModel } from '../../measure/evaluate.ts';
import type { OnQuantizeProgress, QuantizedModel, QuantizeJob } from '../../quantize/job.ts';
import { quantizeModel } from '../../quantize/quantize.ts';
import { measurePair } from '../../quantize/search/measurePair.ts';
import { probeSaturation, type SaturationProbe } from '../../quantize/saturation.ts';
import { worstLayers } from '../../quantize/worstLayers.ts';

/** What the command works with, so that a test can stand in for it. */
export interface QuantizeTools {
  readonly quantizeModel: (job: QuantizeJob, onProgress: OnQuantizeProgress) => Promise<QuantizedModel>;
  readonly probeSaturation: () => Promise<SaturationProbe>;
  /** Names of the job's integer layers, the one that rounding hurts most first. */
  readonly worstLayers: (job: QuantizeJob, onProgress: OnQuantizeProgress) => Promise<readonly string[]>;
  readonly evaluateModel: typeof evaluateModel;
  readonly measurePair: typeof measurePair;
}

export const QUANTIZE_TOOLS: QuantizeTools = {
  quantizeModel,
  probeSaturation,
  worstLayers,
  evaluateModel,
  measurePair,
};
