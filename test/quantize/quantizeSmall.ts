import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphProto, ModelProto, TensorProto } from '../../src/onnx/generated/onnx_pb.ts';
import { opKey } from '../../src/onnx/node.ts';
import { readModel } from '../../src/onnx/read.ts';
import { addTaps } from '../../src/onnx/rewrite/addTaps.ts';
import { GraphEditor } from '../../src/onnx/rewrite/graphEditor.ts';
import { dimsOf } from '../../src/onnx/shapes/infer.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { activationParams } from '../../src/quantize/activationParams.ts';
import { emitQdq } from '../../src/quantize/emit/emitQdq.ts';
import type { QuantizationPlan } from '../../src/quantize/plan.ts';
import { planQuantization } from '../../src/quantize/planning/planQuantization.ts';
import type { Range } from '../../src/quantize/statistics.ts';
import type { Recipe } from '../../src/records/recipe.ts';
import { floats } from '../onnx/build.ts';
import { uniform } from '../onnx/randomWeights.ts';
import { RECIPE } from './recipe.ts';

const INPUTS = 8;

/** A float32 tensor of seeded numbers between -bound and bound. */
export function randomFloats(name: string, dims: readonly number[], bound = 0.5, seed = name.length): TensorProto {
  return floats(name, dims, [...randomNumbers(dims, seed + 1, bound)]);
}

/** Weights of a Conv or Gemm and their bias, `${name}.w` and `${name}.b`, that keep activations alive. */
export function layer(name: string, dims: readonly number[], outputs = dims[0] ?? 1): TensorProto[] {
  const perOutput = dims.reduce((product, size) => product * size, 1) / outputs;
  const seed = Buffer.from(name).reduce((sum, byte) => 31 * sum + byte, 7) % 10_007;
  return [
    randomFloats(`${name}.w`, dims, Math.sqrt(6 / perOutput), seed),
    randomFloats(`${name}.b`, [outputs], 0.3, seed + 1),
  ];
}

function randomNumbers(dims: readonly number[], seed: number, bound: number): Float32Array {
  const next = uniform(seed * 7919);
  return Float32Array.from(
    { length: dims.reduce((product, size) => product * size, 1) },
    () => (2 * next() - 1) * bound,
  );
}

/** What a model answers to some seeded inputs: the numbers of each output, one input after the other. */
export type Answers = ReadonlyMap<string, Float32Array>;

/** Runs a model of one float32 input on seeded numbers in [-1, 1). */
export async function answers(model: ModelProto): Promise<Answers> {
  const [input] = model.graph?.input ?? [];
  const dims = (dimsOf(input) ?? []).map((size) => (typeof size === 'number' ? size : 1));
  const session = await InferenceSession.create(encodeModel(model), { logSeverityLevel: 3, intraOpNumThreads: 1 });
  try {
    const collected = new Map<string, number[]>();
    for (let seed = 0; seed < INPUTS; seed += 1) {
      const tensor = new Tensor('float32', randomNumbers(dims, seed + 1, 1), dims);
      const outputs = await session.run({ [input?.name ?? '']: tensor });
      for (const [name, { data }] of Object.entries(outputs)) {
        collected.set(name, [...(collected.get(name) ?? []), ...Array.from(data as Float32Array)]);
      }
    }
    return new Map([...collected].map(([name, numbers]) => [name, Float32Array.from(numbers)]));
  } finally {
    await session.release();
  }
}

export interface Quantized {
  readonly plan: QuantizationPlan;
  readonly model: ModelProto;
}

/** Quantizes a small model with the ranges that its values have on the seeded inputs. */
export async function quantizeSmall(
  float: ModelProto,
  changes: Partial<Recipe> = {},
  means: ReadonlyMap<string, Float64Array> = new Map(),
): Promise<Quantized> {
  const recipe = { ...RECIPE, ...changes };
  const graph = new GraphEditor(float);
  const plan = planQuantization(graph, recipe);
  const names = plan.values.map(({ value }) => value);
  const inputName = graph.inputs[0]?.name ?? '';
  const seen = new Map([...(await answers(addTaps(graph.build(), names))), [inputName, Float32Array.of(-1, 1)]]);
  const params = new Map(
    names.map((name) => [name, activationParams(rangeOf(seen.get(name) ?? new Float32Array()), recipe.activations)]),
  );
  emitQdq(graph, plan, params, recipe, means);
  return { plan, model: graph.build() };
}

function rangeOf(values: Float32Array): Range {
  return { min: values.reduce((a, b) => Math.min(a, b)), max: values.reduce((a, b) => Math.max(a, b)) };
}

/** How far the error of `rounded` is below the signal, in decibels: 20 lg of their ratio. */
export function sqnrDb(exact: Answers, rounded: Answers, output: string): number {
  const signal = exact.get(output) ?? new Float32Array();
  const answer = rounded.get(output) ?? new Float32Array();
  const power = signal.reduce((sum, value) => sum + value ** 2, 0);
  const error = signal.reduce((sum, value, index) => sum + (value - (answer[index] ?? NaN)) ** 2, 0);
  return 10 * Math.log10(power / error);
}

/** The graph that the runtime runs, with all optimizations. */
export async function optimized(model: ModelProto): Promise<GraphProto> {
  const folder = await mkdtemp(join(tmpdir(), 'beltbench-optimized-'));
  try {
    const path = join(folder, 'optimized.onnx');
    const session = await InferenceSession.create(encodeModel(model), {
      logSeverityLevel: 3,
      graphOptimizationLevel: 'all',
      optimizedModelFilePath: path,
    });
    await session.release();
    return (await readModel(path)).graph;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** How many nodes of each operator a graph has, domains left out. */
export function countOps({ node }: GraphProto): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { opType } of node) {
    counts[opType] = (counts[opType] ?? 0) + 1;
  }
  return counts;
}

/** How many of the planned nodes must become each kernel; those that vanish are not counted. */
export function plannedKernels({ nodes }: QuantizationPlan): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kernel } of nodes.filter((planned) => planned.kernel !== 'dropped')) {
    counts[kernel] = (counts[kernel] ?? 0) + 1;
  }
  return counts;
}

/** Names of nodes that turn stored integers into floats on every run. */
export function dequantizedWeights({ node, initializer }: GraphProto): readonly string[] {
  const stored = new Set(initializer.map(({ name }) => name));
  return node
    .filter((candidate) => opKey(candidate) === 'DequantizeLinear' && stored.has(candidate.input[0] ?? ''))
    .map(({ name }) => name);
}
