import type { OnQuantizeProgress, QuantizedModel, QuantizePhase } from '../../quantize/job.ts';
import type { QuantizationManifest } from '../../records/quantization.ts';
import { quantizationManifestSchema } from '../../records/quantization.ts';
import type { Recipe } from '../../records/recipe.ts';
import { withStage } from '../../store/stagedFiles.ts';
import { jobOf, type QuantizeContext } from './context.ts';
import { assertNotStopped } from './interruption.ts';
import { manifestOf } from './manifest.ts';

const PHASES: Readonly<Record<QuantizePhase, string>> = {
  rewrite: 'rewrite the graph',
  calibrate: 'calibrate',
  write: 'write',
  prove: 'prove the fusion',
  profile: 'profile',
  rank: 'rank the layers',
};

/** What the search says of the recipe that it chose; may refuse what was made. */
export type Approve = (made: QuantizedModel, path: string) => Promise<QuantizationManifest['search']>;

/**
 * Makes one recipe's file, its card and its manifest, and puts all three in their places, the model
 * last: where it stands, the others do.
 *
 * @param approve called with the file before anything is in its place
 */
export async function makeFile(
  context: QuantizeContext,
  recipe: Recipe,
  approve: Approve = () => Promise.resolve(null),
): Promise<QuantizationManifest> {
  const { paths, cardText } = context;
  return await withStage(paths.folder, async (stage) => {
    const path = stage.path('model.onnx');
    const made = await makeAt(context, recipe, path, paths.name);
    const manifest = quantizationManifestSchema.parse(manifestOf(context, recipe, made, await approve(made, path)));
    await stage.writeText('manifest', `${JSON.stringify(manifest, null, 2)}\n`);
    await stage.writeText('card', cardText);
    assertNotStopped(context.io, context.args.search);
    await stage.place('card', paths.card);
    await stage.place('manifest', paths.manifest);
    await stage.place('model.onnx', paths.model);
    return manifest;
  });
}

/** Makes one recipe's file at `path`. */
export async function makeAt(
  context: QuantizeContext,
  recipe: Recipe,
  path: string,
  subject: string,
): Promise<QuantizedModel> {
  const { progress, tools } = context;
  const made = await tools.quantizeModel(jobOf(context, recipe, path), showSteps(context, subject));
  progress.clear();
  return made;
}

/** The layers of a recipe's file, the one that rounding hurts most first. */
export async function rankLayers(context: QuantizeContext, recipe: Recipe): Promise<readonly string[]> {
  const { paths, progress, tools } = context;
  const layers = await tools.worstLayers(jobOf(context, recipe, paths.model), showSteps(context, paths.name));
  progress.clear();
  return layers;
}

/** Shows how far the work on `subject` is, and ends it after Ctrl-C. */
function showSteps({ io, args, progress }: QuantizeContext, subject: string): OnQuantizeProgress {
  return (phase, done, total) => {
    progress.show({ subject, phase: PHASES[phase], done, total });
    assertNotStopped(io, args.search);
  };
}
