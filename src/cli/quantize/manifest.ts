import { basename } from 'node:path';
import type { QuantizedModel } from '../../quantize/job.ts';
import { countApproximations } from '../../quantize/search/describeRecipe.ts';
import type { Warning } from '../../records/common.ts';
import type { MadeModel, QuantizationManifest } from '../../records/quantization.ts';
import type { Recipe } from '../../records/recipe.ts';
import { countOf } from '../../shared/units.ts';
import { preprocessingRecord } from '../work/prepare.ts';
import type { QuantizeContext } from './context.ts';

/** Fewer images than this leave the tails of the ranges to chance. */
const FEW_IMAGES = 50;

/** What made a file, and what it is. */
export function manifestOf(
  context: QuantizeContext,
  recipe: Recipe,
  made: QuantizedModel,
  search: QuantizationManifest['search'],
): QuantizationManifest {
  const { source, paths, calibration } = context;
  return {
    schema: 'beltbench/quantization',
    version: 1,
    tool_version: context.toolVersion,
    runtime: context.runtime,
    made_at: new Date().toISOString(),
    file: `${paths.name}.onnx`,
    source: { file: basename(source.modelPath), sha256: made.sourceSha256 },
    preprocessing: preprocessingRecord(source.card.preprocessing),
    input_size: source.inputSize,
    recipe,
    calibration: calibration.record,
    model: madeModelOf(made),
    host_class: context.hostClass,
    saturation: { ...context.saturation },
    search,
    warnings: [...imageWarnings(context), ...modelWarnings(made), ...recipeWarnings(context, recipe, search !== null)],
  };
}

/** What was made, as records keep it. */
export function madeModelOf(made: QuantizedModel): MadeModel {
  return {
    sha256: made.sha256,
    size_bytes: made.sizeBytes,
    passes: made.passes.map(({ name, exact, rewritten, leftAlone }) => ({
      name,
      exact,
      rewritten,
      left_alone: [...leftAlone],
    })),
    kernels: { ...made.kernels },
    nodes: [...made.nodes],
    left_float: [...made.leftFloat],
    int8_multiply_add_share: made.int8MultiplyAddShare,
    profile: { threads: made.profile.threads, operators: made.profile.operators.map((time) => ({ ...time })) },
    seconds: { ...made.seconds },
  };
}

function imageWarnings({ calibration: { record }, source }: QuantizeContext): Warning[] {
  const warnings: Warning[] = [];
  const { images, requested, evaluation_folders: folders } = record;
  if (images.length < Math.min(requested, FEW_IMAGES)) {
    warnings.push({
      code: 'few_calibration_images',
      message: `only ${images.length} images could be calibrated with, and ${requested} were asked for: ranges that few images show may be too narrow for the line; add images`,
    });
  }
  if (folders.length === 0) {
    warnings.push({
      code: 'evaluation_images_unknown',
      message:
        'nothing says which images models are judged on, so none could be kept away from calibration; name a study with --study, or --evaluation DIR',
    });
  }
  if (source.card.openQuestion !== undefined) {
    warnings.push({ code: 'scale_assumed', message: `the scale 1/255 is assumed: ${source.card.openQuestion}` });
  }
  if (source.card.preprocessingDoubt !== undefined) {
    warnings.push({ code: 'odd_preprocessing', message: source.card.preprocessingDoubt });
  }
  return warnings;
}

function modelWarnings({ constantNodes: nodes }: QuantizedModel): Warning[] {
  const [first] = nodes;
  return first === undefined
    ? []
    : [
        {
          code: 'constant_activations',
          message: `${countOf(nodes.length, 'node')} gave the same numbers whatever the calibration image (first ${first}): dead layers, or no image reaches them; look at the training, or add images`,
        },
      ];
}

function recipeWarnings({ saturation }: QuantizeContext, recipe: Recipe, isSearched: boolean): Warning[] {
  const warnings: Warning[] = [];
  if (!isSearched && countApproximations(recipe) > 0) {
    warnings.push({
      code: 'approximate',
      message: 'the recipe approximates the model beyond INT8 (gelu, grn): look at `beltbench compare` before using it',
    });
  }
  // Of s8 activations the runtime makes u8 on such hosts.
  if (saturation.result === 'saturates' && recipe.weight_range === 'full') {
    warnings.push({
      code: 'may_saturate',
      message:
        "this host clips sums of 16 bits and the weights use their full range: answers may be wrong here; use --weight-range pair_safe, this host's default",
    });
  }
  return warnings;
}
