import { TRIAL_ITERATIONS, TRIAL_ROUNDS, TRIAL_WARMUP } from '../../quantize/search/measurePair.ts';
import type { TrialRecord } from '../../records/quantizationTrial.ts';
import type { Recipe } from '../../records/recipe.ts';
import { sessionOptions } from '../../runtime/session.ts';
import { hashOf } from '../../store/hash.ts';
import { preprocessingRecord } from '../work/prepare.ts';
import type { QuantizeContext } from './context.ts';
import type { EvaluationSet } from './evaluationSet.ts';

/**
 * Everything that can change what a recipe comes to here. What a search has to reach is not in it, so
 * that another limit or target goes on with the trials there are.
 *
 * @param recipe `null` for the float model
 */
export function keyPartsOf(
  { source, calibration, hostClass, toolVersion, runtime, threads: calibrationThreads }: QuantizeContext,
  { dataset, card, targetClass, maybeClass, threads, seed }: EvaluationSet,
  recipe: Recipe | null,
): TrialRecord['key_parts'] {
  return {
    source: source.sha256,
    calibration: hashOf({
      images: calibration.record.sha256,
      preprocessing: preprocessingRecord(card.preprocessing),
      input_size: source.inputSize,
    }),
    evaluation: hashOf({
      images: dataset.audit.fingerprint,
      classes: card.classes,
      outputs: card.outputs,
      target_class: targetClass ?? null,
      ...(maybeClass !== undefined && { maybe_class: maybeClass }),
    }),
    settings: hashOf({
      tool_version: toolVersion,
      runtime,
      calibration_threads: calibrationThreads,
      session_options: sessionOptions({ threads }),
      seed,
      iterations: TRIAL_ITERATIONS,
      rounds: TRIAL_ROUNDS,
      warmup: TRIAL_WARMUP,
    }),
    host_class: hashOf(hostClass),
    recipe: hashOf(recipe),
  };
}
