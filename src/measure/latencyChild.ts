import { preprocess } from '../datasets/preprocess.ts';
import type { Launch, Round } from '../records/latency.ts';
import { assertFinite, assertProbabilities } from '../runtime/probabilities.ts';
import { openClassifier, type Classifier } from '../runtime/session.ts';
import { serve } from '../runtime/serve.ts';
import { collectGarbage, watchGc } from './gcLog.ts';
import { peakRssBytes } from './peakMemory.ts';
import { cpuTimeMs, untilQuiet } from './quiet.ts';
import { runStages } from './stages.ts';
import { timeRuns, type TimedSamples } from './timedLoop.ts';
import type { LaunchResult, OpenParams, TurnParams, TurnResult } from './turn.ts';

type Input = ReturnType<Classifier['toInput']>;

/** Bytes that the inputs of one batch size may take; batches of 32 and more hold every image anyway. */
const MAX_INPUT_BYTES = 256 * 1024 * 1024;
/** A share of less time would be the handling of the next request. */
const MIN_IDLE_MS = 100;

/** One model on its bench: its session, its inputs ready in memory, and what it burned while idle. */
class MeasuringBench {
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
      const { samplesMs } = await this.time(batchSize, 1 + this.open.warmupIterations);
      const [first, ...warmup] = samplesMs;
      if (first !== undefined) {
        perBatch.push({ batch_size: batchSize, first_inference_ms: first, warmup_ms: warmup });
      }
      await this.assertUsable(batchSize);
    }
    await this.rest();
    return perBatch;
  }

  async turn(params: TurnParams): Promise<TurnResult> {
    const idleCpuShare = this.idleShare();
    const startedAt = new Date().toISOString();
    const cpuBefore = cpuTimeMs();
    collectGarbage();
    const settle = await this.time(params.batchSize, params.settleIterations);
    const timed = await this.time(params.batchSize, params.iterations);
    const gc = await this.collectionsDuring(timed);
    const stages = await this.timeStages(params.stageIterations);
    await this.rest();
    return {
      started_at: startedAt,
      settle_ms: settle.samplesMs,
      samples_ms: timed.samplesMs,
      start_offsets_ms: timed.startOffsetsMs,
      stages,
      gc,
      idle_cpu_share: idleCpuShare,
      cpu_ms: cpuTimeMs() - cpuBefore,
      peak_rss_bytes: await peakRssBytes(),
    };
  }

  /** A model that answers NaN may be fast because of it; and a card that is mistaken shows now as well as later. */
  private async assertUsable(batchSize: number): Promise<void> {
    const { modelPath, stageSettings } = this.open;
    const [input] = this.inputsOf(batchSize);
    if (input !== undefined) {
      const outputs = await this.classifier.run(input);
      assertFinite(outputs, modelPath);
      if (batchSize === 1 && stageSettings.outputs === 'probabilities') {
        assertProbabilities(outputs, modelPath);
      }
    }
  }

  /** The images take turns, and go on where the last call ended. */
  private async time(batchSize: number, iterations: number): Promise<TimedSamples> {
    const inputs = this.inputsOf(batchSize);
    const { classifier } = this;
    let [input] = inputs;
    return await timeRuns(
      async () => (input === undefined ? undefined : await classifier.run(input)),
      iterations,
      () => {
        input = inputs[this.next % inputs.length];
        this.next += 1;
      },
    );
  }

  private inputsOf(batchSize: number): readonly Input[] {
    const inputs = this.inputs.get(batchSize) ?? [];
    if (inputs.length === 0) {
      throw new Error(`no inputs of batch size ${batchSize}`);
    }
    return inputs;
  }

  private async collectionsDuring({ samplesMs, startOffsetsMs, firstStartMs }: TimedSamples): Promise<Round['gc']> {
    const untilMs = firstStartMs + (startOffsetsMs.at(-1) ?? 0) + (samplesMs.at(-1) ?? 0);
    const collections = await this.gc.within(firstStartMs, untilMs);
    return collections.map(({ startMs, durationMs }) => ({
      offset_ms: Math.max(0, startMs - firstStartMs),
      duration_ms: durationMs,
    }));
  }

  private async timeStages(iterations: number): Promise<Round['stages']> {
    const { imagePaths, preprocessing, inputSize, stageSettings } = this.open;
    const stages: Round['stages'] = [];
    for (let i = 0; i < iterations; i += 1) {
      const path = imagePaths[(this.next + i) % imagePaths.length];
      if (path !== undefined) {
        stages.push(await runStages(path, this.classifier, preprocessing, inputSize, stageSettings));
      }
    }
    return stages;
  }

  private async rest(): Promise<void> {
    await untilQuiet();
    this.restedAt = { timeMs: performance.now(), cpuMs: cpuTimeMs() };
  }

  private idleShare(): number | null {
    if (this.restedAt === undefined) {
      return null;
    }
    const elapsedMs = performance.now() - this.restedAt.timeMs;
    return elapsedMs < MIN_IDLE_MS ? null : (cpuTimeMs() - this.restedAt.cpuMs) / elapsedMs;
  }
}

async function openBench(params: OpenParams): Promise<{ bench: MeasuringBench; sessionCreateMs: number }> {
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
  return { bench: new MeasuringBench(classifier, params, inputs), sessionCreateMs };
}

/** Every image starts one batch, and its followers fill the rest, so that inputs differ at every batch size. */
function toBatches(
  classifier: Classifier,
  tensors: readonly Float32Array[],
  batchSize: number,
  { inputSize: { height, width } }: OpenParams,
): Input[] {
  const perImage = 3 * height * width;
  const affordable = Math.floor(MAX_INPUT_BYTES / (Float32Array.BYTES_PER_ELEMENT * batchSize * perImage));
  return tensors.slice(0, Math.max(1, affordable)).map((_, first) => {
    const values = new Float32Array(batchSize * perImage);
    for (let i = 0; i < batchSize; i += 1) {
      values.set(tensors[(first + i) % tensors.length] ?? [], i * perImage);
    }
    return classifier.toInput(values, [batchSize, 3, height, width]);
  });
}

function main(): void {
  let bench: MeasuringBench | undefined;
  serve({
    open: async (params: OpenParams): Promise<LaunchResult> => {
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
