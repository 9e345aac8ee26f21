import { preprocess } from '../datasets/preprocess.ts';
import type { Launch } from '../records/latency.ts';
import { openClassifier, type Classifier } from '../runtime/session.ts';
import { serve } from '../runtime/serve.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { collectGarbage, watchGc } from './gcLog.ts';
import { cpuTimeMs, untilQuiet } from './quiet.ts';
import { runStages } from './stages.ts';
import { timeRuns } from './timedLoop.ts';
import type { OpenParams, TurnParams, TurnResult } from './turn.ts';

type Input = ReturnType<Classifier['toInput']>;

/** One model on its bench: its session, its inputs ready in memory, and what it burned while idle. */
class Bench {
  private readonly gc = watchGc();
  private restedAt: { timeMs: number; cpuMs: number } | undefined;
  private next = 0;
  private readonly classifier: Classifier;
  private readonly open: OpenParams;
  private readonly inputs: ReadonlyMap<number, readonly Input[]>;

  constructor(classifier: Classifier, open: OpenParams, inputs: ReadonlyMap<number, readonly Input[]>) {
    this.classifier = classifier;
    this.open = open;
    this.inputs = inputs;
  }

  async warmUp(): Promise<Launch['per_batch']> {
    const perBatch: Launch['per_batch'] = [];
    for (const batchSize of this.open.batchSizes) {
      const first = await this.time(batchSize, 1);
      const warmup = this.open.warmupIterations === 0 ? [] : await this.time(batchSize, this.open.warmupIterations);
      perBatch.push({ batch_size: batchSize, first_inference_ms: first[0] ?? 0, warmup_ms: warmup });
    }
    await this.assertFinite();
    await this.rest();
    return perBatch;
  }

  /** A model that answers NaN may be fast because of it: such a latency would mislead. */
  private async assertFinite(): Promise<void> {
    const input = this.inputs.get(1)?.[0];
    const outputs = input === undefined ? undefined : await this.classifier.run(input);
    if (outputs?.some((value) => !Number.isFinite(value)) === true) {
      throw new BeltbenchError(
        'inference_failed',
        `${this.open.modelPath}: every output must be a finite number, received [${outputs.join(', ')}]; run \`beltbench inspect\` to look for NaN weights`,
      );
    }
  }

  async turn(params: TurnParams): Promise<TurnResult> {
    const idleCpuShare = this.idleShare();
    collectGarbage();
    const startedAt = new Date().toISOString();
    const cpuBefore = cpuTimeMs();
    const settle = params.settleIterations === 0 ? [] : await this.time(params.batchSize, params.settleIterations);
    this.gc.take();
    const samplesStart = performance.now();
    const timed = await this.timeInOrder(params.batchSize, params.iterations);
    const collections = this.gc.take();
    const stages = [];
    for (let i = 0; i < params.stageIterations; i += 1) {
      const path = this.open.imagePaths[(this.next + i) % this.open.imagePaths.length];
      if (path !== undefined) {
        const { preprocessing, inputSize, stageSettings } = this.open;
        stages.push(await runStages(path, this.classifier, preprocessing, inputSize, stageSettings));
      }
    }
    const cpuMs = cpuTimeMs() - cpuBefore;
    const quiet = await this.rest();
    return {
      started_at: startedAt,
      settle_ms: settle,
      samples_ms: timed.samplesMs,
      start_offsets_ms: timed.startOffsetsMs,
      stages,
      gc: collections.map(({ startMs, durationMs }) => ({
        offset_ms: Math.max(0, startMs - samplesStart),
        duration_ms: durationMs,
      })),
      idle_cpu_share: idleCpuShare,
      cpu_ms: cpuMs,
      peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
      quiet,
    };
  }

  private async time(batchSize: number, iterations: number): Promise<number[]> {
    return (await this.timeInOrder(batchSize, iterations)).samplesMs;
  }

  private async timeInOrder(batchSize: number, iterations: number) {
    const inputs = this.inputs.get(batchSize);
    let input = inputs?.[0];
    if (inputs === undefined || input === undefined) {
      throw new Error(`no inputs of batch size ${batchSize}`);
    }
    const { classifier } = this;
    return await timeRuns(
      async () => (input === undefined ? undefined : await classifier.run(input)),
      iterations,
      () => {
        input = inputs[this.next % inputs.length];
        this.next += 1;
      },
    );
  }

  private async rest(): Promise<boolean> {
    const quiet = await untilQuiet();
    this.restedAt = { timeMs: performance.now(), cpuMs: cpuTimeMs() };
    return quiet;
  }

  private idleShare(): number | null {
    if (this.restedAt === undefined) {
      return null;
    }
    const elapsedMs = performance.now() - this.restedAt.timeMs;
    return elapsedMs <= 0 ? null : (cpuTimeMs() - this.restedAt.cpuMs) / elapsedMs;
  }
}

async function openBench(params: OpenParams): Promise<{ bench: Bench; sessionCreateMs: number }> {
  const { inputSize } = params;
  const start = performance.now();
  const classifier = await openClassifier(params.modelPath, { threads: params.threads });
  const sessionCreateMs = performance.now() - start;
  const tensors = await Promise.all(
    params.imagePaths.map(async (path) => (await preprocess(path, params.preprocessing, inputSize)).tensor),
  );
  const inputs = new Map(
    params.batchSizes.map((batchSize) => [batchSize, toBatches(classifier, tensors, batchSize, params)] as const),
  );
  return { bench: new Bench(classifier, params, inputs), sessionCreateMs };
}

/** Every image starts one batch; its followers fill the rest, so that inputs differ at every batch size. */
function toBatches(
  classifier: Classifier,
  tensors: readonly Float32Array[],
  batchSize: number,
  params: OpenParams,
): Input[] {
  const { height, width } = params.inputSize;
  const fixed = classifier.inputShape[0];
  if (fixed !== undefined && fixed !== batchSize) {
    throw new BeltbenchError(
      'bad_model',
      `${params.modelPath} takes batches of ${fixed} only, received batch size ${batchSize}; remove it from \`benchmarking.batch_sizes\` or export with a dynamic batch`,
    );
  }
  const perImage = 3 * height * width;
  return tensors.map((_, first) => {
    const values = new Float32Array(batchSize * perImage);
    for (let i = 0; i < batchSize; i += 1) {
      values.set(tensors[(first + i) % tensors.length] ?? [], i * perImage);
    }
    return classifier.toInput(values, [batchSize, 3, height, width]);
  });
}

function main(): void {
  let bench: Bench | undefined;
  serve({
    open: async (params: OpenParams): Promise<Launch> => {
      const startedAt = new Date().toISOString();
      const opened = await openBench(params);
      bench = opened.bench;
      const perBatch = await bench.warmUp();
      return {
        launch: params.launch,
        started_at: startedAt,
        session_create_ms: opened.sessionCreateMs,
        per_batch: perBatch,
      };
    },
    turn: async (params: TurnParams): Promise<TurnResult> => {
      if (bench === undefined) {
        throw new Error('turn before open');
      }
      return await bench.turn(params);
    },
  });
}

main();
