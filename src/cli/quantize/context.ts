import { arch, availableParallelism } from 'node:os';
import { variantCard } from '../../config/variantCard.ts';
import { probeHostClass } from '../../measure/host.ts';
import { defaultRecipe } from '../../quantize/defaultRecipe.ts';
import { assertCalibrationFolder, chooseImages, type ChosenImages } from '../../quantize/images/chooseImages.ts';
import type { QuantizeJob } from '../../quantize/job.ts';
import type { SaturationProbe } from '../../quantize/saturation.ts';
import type { HostClass } from '../../records/host.ts';
import type { Recipe } from '../../records/recipe.ts';
import { runtimeVersion } from '../../runtime/versions.ts';
import type { Io } from '../io.ts';
import { Progress } from '../progress.ts';
import { toolVersion } from '../version.ts';
import { DEFAULT_IMAGES, DEFAULT_SEED, type QuantizeArgs } from './args.ts';
import { assertNotStopped } from './interruption.ts';
import { judgedImages } from './judgedImages.ts';
import { assertFree, outPathsOf, type OutPaths } from './outPaths.ts';
import { recipeOf } from './recipeOf.ts';
import { backboneOf, openSource, type QuantizeSource } from './source.ts';
import type { QuantizeTools } from './tools.ts';

/** Everything that making one file needs, read and checked once. */
export interface QuantizeContext {
  readonly args: QuantizeArgs;
  readonly io: Io;
  readonly progress: Progress;
  readonly tools: QuantizeTools;
  readonly source: QuantizeSource;
  readonly paths: OutPaths;
  readonly cardText: string;
  /** The recipe to make, or to begin the search with. */
  readonly recipe: Recipe;
  readonly saturation: SaturationProbe;
  readonly hostClass: HostClass;
  readonly calibration: ChosenImages;
  readonly threads: number;
  readonly toolVersion: string;
  readonly runtime: string;
}

/** Reads what is given; every mistake of the user shows here, before anything is made. */
export async function openContext(args: QuantizeArgs, io: Io, tools: QuantizeTools): Promise<QuantizeContext> {
  const paths = outPathsOf(args.model, args.out);
  const source = await openSource(args);
  const cardText = cardTextOf(source, paths);
  const saturation = await tools.probeSaturation();
  const recipe = await recipeOf(args, defaultRecipe(saturation, arch()));
  // The output last: an existing one is often there, and must not hide a mistake in what is asked for.
  await assertCalibrationFolder(args.calibration);
  await assertFree(paths, { modelPath: args.model, cardPath: source.card.path }, cardText, args.force);
  const progress = new Progress(io, args);
  const calibration = await chooseImages(
    {
      folder: args.calibration,
      count: args.images ?? DEFAULT_IMAGES,
      seed: args.seed ?? DEFAULT_SEED,
      judged: await judgedImages(args, source),
      preprocessing: source.card.preprocessing,
      inputSize: source.inputSize,
    },
    (done, total) => {
      progress.show({ subject: paths.name, phase: 'choose images', done, total });
      assertNotStopped(io, args.search);
    },
  );
  return {
    args,
    io,
    progress,
    tools,
    source,
    paths,
    cardText,
    recipe,
    saturation,
    hostClass: await probeHostClass(),
    calibration,
    threads: args.threads ?? availableParallelism(),
    toolVersion: toolVersion(),
    runtime: runtimeVersion(),
  };
}

/** The job of making one recipe's file at `outPath`. */
export function jobOf(context: QuantizeContext, recipe: Recipe, outPath: string): QuantizeJob {
  const { source, calibration, threads, hostClass } = context;
  return {
    modelPath: source.modelPath,
    outPath,
    recipe,
    images: calibration.images,
    preprocessing: source.card.preprocessing,
    inputSize: source.inputSize,
    threads,
    // The same for every trial of a search: no times, so that the same recipe makes the same bytes.
    metadata: {
      'beltbench.tool_version': context.toolVersion,
      'beltbench.source_sha256': source.sha256,
      'beltbench.recipe': JSON.stringify(recipe),
      'beltbench.runtime': context.runtime,
      'beltbench.calibration_sha256': calibration.record.sha256,
      'beltbench.calibration_images': String(calibration.images.length),
      'beltbench.calibration_seed': String(calibration.record.seed),
      'beltbench.host_cpu': hostClass.cpu_model,
      'beltbench.host_isa': hostClass.isa.join(' '),
      'beltbench.host_saturation': context.saturation.result,
    },
  };
}

function cardTextOf(source: QuantizeSource, { name }: OutPaths): string {
  const { card, inputSize } = source;
  return variantCard(card.content, {
    file: `${name}.onnx`,
    backbone: backboneOf(source),
    trialName: name,
    inputSize,
    note: `INT8, made of ${card.content.file} by beltbench ${toolVersion()}`,
  });
}
