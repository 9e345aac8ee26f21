import { rm, stat } from 'node:fs/promises';
import { auditModel } from '../onnx/audit.ts';
import type { ModelProto } from '../onnx/generated/onnx_pb.ts';
import { readModel } from '../onnx/read.ts';
import { GraphEditor } from '../onnx/rewrite/graphEditor.ts';
import { badModel, quoted } from '../onnx/badModel.ts';
import { fixInputs } from '../onnx/rewrite/fixInputs.ts';
import type { PassReport } from '../onnx/rewrite/pass.ts';
import { runPasses } from '../onnx/rewrite/runPasses.ts';
import type { Recipe } from '../records/recipe.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { activationParams, type ActivationParams } from './activationParams.ts';
import { calibrate } from './calibrate.ts';
import { constantNodes, withOutputs } from './constantValues.ts';
import { emitQdq } from './emit/emitQdq.ts';
import { prepareFloatGraph, type Observe } from './floatGraph.ts';
import type { OnQuantizeProgress, QuantizedModel, QuantizeJob } from './job.ts';
import type { StatisticsByValue } from './observeProtocol.ts';
import type { QuantizationPlan } from './plan.ts';
import { assertQuantizable } from './planning/assertQuantizable.ts';
import { planQuantization } from './planning/planQuantization.ts';
import { profileModel } from './profile.ts';
import { proveFusion } from './prove.ts';
import { chooseRange } from './ranges/chooseRange.ts';
import type { ValueStatistics } from './statistics.ts';
import { writeModel } from './writeModel.ts';

/** With more, the time of an operator says less of its work. */
const PROFILE_THREADS = 1;

/** A model whose layers are planned and whose values have been observed, just before its rounding. */
export interface CalibratedModel {
  readonly sourceSha256: string;
  readonly graph: GraphEditor;
  readonly plan: QuantizationPlan;
  readonly statistics: StatisticsByValue;
  /** Nodes whose results did not change with the image. */
  readonly constantNodes: readonly string[];
  readonly passes: readonly PassReport[];
  readonly rewriteSeconds: number;
  readonly calibrateSeconds: number;
}

/**
 * Makes one INT8 file: rewrites the float graph, observes its values on the calibration images,
 * rounds weights and activations by the recipe, writes the file and proves that the runtime
 * computes every planned layer with integers. A file that is not fused is removed again.
 *
 * @throws BeltbenchError `bad_model` for a model that cannot be quantized or does not fuse,
 *   `bad_dataset` for images that cannot be used, `cannot_write` for a full or read-only disk
 */
export async function quantizeModel(job: QuantizeJob, onProgress: OnQuantizeProgress): Promise<QuantizedModel> {
  const calibrated = await calibrateModel(job, onProgress);
  const { plan, passes, sourceSha256, rewriteSeconds, calibrateSeconds } = calibrated;
  const written = stopwatch();
  onProgress('write', 0, 1);
  const { sha256 } = await writeModel(job.outPath, roundModel(calibrated, job.recipe, job.metadata));
  const { size } = await stat(job.outPath);
  onProgress('write', 1, 1);
  const writeSeconds = written();
  const proof = stopwatch();
  onProgress('prove', 0, 1);
  const { proven, kernels, nodes, unfused } = await proveFusion(job.outPath, plan.nodes);
  onProgress('prove', 1, 1);
  const [first] = unfused;
  if (!proven) {
    await rm(job.outPath, { force: true });
    throw new BeltbenchError(
      'bad_model',
      `an INT8 file is kept only when every planned layer becomes an integer kernel, and ${first?.node ?? 'a layer'} of ${job.modelPath} does not (${first?.reason ?? 'a weight is turned into floats on every run'}); keep it float with --keep-float ${first?.node ?? 'NODE'}`,
    );
  }
  const proveSeconds = proof();
  const profiling = stopwatch();
  onProgress('profile', 0, 1);
  const operators = await profileModel(job.outPath, { threads: PROFILE_THREADS, inputSize: job.inputSize });
  onProgress('profile', 1, 1);
  const { multiply_adds: multiplyAdds } = await auditModel(job.outPath);
  return {
    sha256,
    sizeBytes: size,
    sourceSha256,
    passes,
    kernels,
    nodes,
    leftFloat: plan.leftFloat,
    constantNodes: calibrated.constantNodes,
    int8MultiplyAddShare: multiplyAdds.int8_share,
    profile: { threads: PROFILE_THREADS, operators },
    seconds: {
      rewrite: rewriteSeconds,
      calibrate: calibrateSeconds,
      write: writeSeconds,
      prove: proveSeconds,
      profile: profiling(),
    },
  };
}

/** The first half of the work, which the measurement of sensitivity shares. */
export async function calibrateModel(job: QuantizeJob, onProgress: OnQuantizeProgress): Promise<CalibratedModel> {
  const { modelPath, recipe, images, preprocessing, inputSize, threads } = job;
  const rewriting = stopwatch();
  onProgress('rewrite', 0, 1);
  const { model, sha256: sourceSha256 } = await readModel(modelPath);
  assertQuantizable(modelPath, model);
  const graph = new GraphEditor(model);
  const fixed = runPasses(graph, [fixInputs(inputSize)]);
  assertFixed(modelPath, fixed);
  let observedSeconds = 0;
  const observe: Observe = async (observed, taps) => {
    const observing = stopwatch();
    const source = { images, preprocessing, inputSize, threads, label: modelPath };
    const statistics = await calibrate({ ...source, model: observed.build(), taps }, (done, total) =>
      onProgress('calibrate', done, total),
    );
    observedSeconds += observing();
    return statistics;
  };
  const passes = [...fixed, ...(await prepareFloatGraph(graph, recipe, observe))];
  const plan = planQuantization(graph, recipe);
  onProgress('rewrite', 1, 1);
  const rewriteSeconds = rewriting() - observedSeconds;
  const statistics = await observe(graph, withOutputs(graph, plan.values));
  return {
    sourceSha256,
    graph,
    plan,
    statistics,
    constantNodes: constantNodes(modelPath, graph, plan.values, statistics, images.length),
    passes,
    rewriteSeconds,
    calibrateSeconds: observedSeconds,
  };
}

/**
 * Rounds weights and activations. The calibrated graph becomes the INT8 one: it is used up. The
 * file's metadata name the nodes that stay float, beside what `metadata` says.
 */
export function roundModel(
  { graph, plan, statistics }: CalibratedModel,
  recipe: Recipe,
  metadata: Readonly<Record<string, string>>,
): ModelProto {
  const params = new Map(
    plan.values.flatMap(({ value }) => {
      const seen = statistics.get(value);
      return seen === undefined ? [] : [[value, paramsOf(seen, recipe)] as const];
    }),
  );
  const means = new Map(
    [...statistics].flatMap(([value, { channels }]) => (channels === undefined ? [] : [[value, channels.mean]])),
  );
  emitQdq(graph, plan, params, recipe, means);
  const leftFloat = JSON.stringify(plan.leftFloat.map(({ node }) => node));
  return graph.build({ ...metadata, 'beltbench.left_float': leftFloat });
}

function paramsOf(seen: ValueStatistics, { calibration, activations }: Recipe): ActivationParams {
  return activationParams(chooseRange(seen, calibration, activations), activations);
}

/** @throws BeltbenchError `bad_model` when a size of an input is not the one that runs will have */
function assertFixed(path: string, reports: readonly PassReport[]): void {
  const fault = reports.flatMap(({ leftAlone }) => leftAlone)[0];
  if (fault !== undefined) {
    throw badModel(path, `the input ${quoted(fault.node)} cannot be used: ${fault.reason}`);
  }
}

function stopwatch(): () => number {
  const start = performance.now();
  return () => (performance.now() - start) / 1000;
}
