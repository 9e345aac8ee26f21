import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { readModel } from '../../../src/onnx/read.ts';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import type { Pass, PassReport } from '../../../src/onnx/rewrite/pass.ts';
import { runPasses } from '../../../src/onnx/rewrite/runPasses.ts';
import { dimsOf } from '../../../src/onnx/shapes/infer.ts';
import { encodeModel } from '../../../src/onnx/encode.ts';
import { uniform } from '../randomWeights.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/exporters/', import.meta.url));

/** The files under test/fixtures/exporters; their README says what they are. */
export function fixtureNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.onnx'))
    .toSorted();
}

export async function readFixture(name: string): Promise<ModelProto> {
  return (await readModel(`${FOLDER}${name}`)).model;
}

/** What `passes` make of `model`. */
export function rewritten(
  model: ModelProto,
  ...passes: readonly Pass[]
): { readonly model: ModelProto; readonly reports: readonly PassReport[] } {
  const graph = new GraphEditor(model);
  const reports = runPasses(graph, passes);
  return { model: graph.build(), reports };
}

/** How many nodes of each operator a model has. */
export function operatorCounts(model: ModelProto): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { opType } of model.graph?.node ?? []) {
    counts[opType] = (counts[opType] ?? 0) + 1;
  }
  return counts;
}

export interface RunOptions {
  /** The runtime's own rewriting of the graph; `disabled` runs it as it stands. */
  readonly level?: 'all' | 'disabled';
  /** Of the random inputs, uniform in [-1, 1). */
  readonly seed?: number;
}

/** A model's outputs in ONNX Runtime for random float32 inputs; an open size of an input counts as 1. */
export async function outputsOf(
  model: ModelProto,
  { level = 'disabled', seed = 1 }: RunOptions = {},
): Promise<ReadonlyMap<string, Tensor>> {
  const session = await InferenceSession.create(encodeModel(model), {
    graphOptimizationLevel: level,
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    return new Map(Object.entries(await session.run(randomInputs(model, seed))));
  } finally {
    await session.release();
  }
}

function randomInputs(model: ModelProto, seed: number): Record<string, Tensor> {
  const random = uniform(seed);
  const initialised = new Set(model.graph?.initializer.map(({ name }) => name));
  const inputs = model.graph?.input.filter(({ name }) => !initialised.has(name)) ?? [];
  return Object.fromEntries(
    inputs.map((input) => {
      const dims = dimsOf(input)?.map((dim) => (typeof dim === 'number' ? dim : 1)) ?? [];
      const count = dims.reduce((product, dim) => product * dim, 1);
      const values = Float32Array.from({ length: count }, () => random() * 2 - 1);
      return [input.name, new Tensor('float32', values, dims)];
    }),
  );
}

/**
 * Asserts that both models answer alike, as they stand and as the runtime optimises them: the same
 * output names and shapes, and numbers that differ by at most `tolerance` times the largest of
 * their output. The default is some hundred times float32's precision: sums of a few hundred
 * products in another order.
 */
export async function assertSameOutputs(original: ModelProto, other: ModelProto, tolerance = 1e-5): Promise<void> {
  const wanted = await outputsOf(original);
  for (const level of ['disabled', 'all'] as const) {
    assertClose(wanted, await outputsOf(other, { level }), tolerance, `optimisation ${level}`);
  }
}

function assertClose(
  wanted: ReadonlyMap<string, Tensor>,
  outputs: ReadonlyMap<string, Tensor>,
  tolerance: number,
  where: string,
): void {
  const [names, wantedNames] = [outputs, wanted].map((each) => [...each.keys()].join(', '));
  if (names !== wantedNames) {
    throw new Error(`${where}: the outputs are ${names}, not ${wantedNames}`);
  }
  for (const [name, tensor] of wanted) {
    const output = outputs.get(name);
    if (output?.dims.join() !== tensor.dims.join()) {
      throw new Error(`${where}: ${name} has the shape [${output?.dims.join()}], not [${tensor.dims.join()}]`);
    }
    const difference = relativeDifference(numbersOf(tensor), numbersOf(output));
    if (!(difference <= tolerance)) {
      throw new Error(`${where}: ${name} differs by ${difference} of its largest number, more than ${tolerance}`);
    }
  }
}

function numbersOf({ data }: Tensor): readonly number[] {
  return Array.from<unknown, number>(data, Number);
}

/** The largest difference of two outputs, relative to the largest magnitude of the first; NaN when one is no number. */
export function relativeDifference(wanted: ArrayLike<number>, values: ArrayLike<number>): number {
  let largest = 0;
  let difference = 0;
  for (let index = 0; index < wanted.length; index += 1) {
    const number = wanted[index] ?? Number.NaN;
    largest = Math.max(largest, Math.abs(number));
    difference = Math.max(difference, Math.abs(number - (values[index] ?? Number.NaN)));
  }
  return difference === 0 ? 0 : difference / largest;
}

/** Applies `passes` to every file that exporters wrote, and asserts that the answers stay; `check` sees each result. */
export async function onEveryFixture(
  passes: readonly Pass[],
  check: (name: string, model: ModelProto, reports: readonly PassReport[]) => void,
): Promise<void> {
  for (const name of fixtureNames()) {
    const original = await readFixture(name);
    const { model, reports } = rewritten(original, ...passes);
    check(name, model, reports);
    await assertSameOutputs(original, model).catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}`, { cause: error });
    });
  }
}
