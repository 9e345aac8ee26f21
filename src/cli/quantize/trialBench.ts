import type { EvaluationJob } from '../../measure/evaluate.ts';
import type { QuantizedModel } from '../../quantize/job.ts';
import { pairPredictions } from '../../quantize/search/pairPredictions.ts';
import type { Predictions } from '../../records/predictions.ts';
import type { PairedCounts, TrialRecord } from '../../records/quantizationTrial.ts';
import type { Recipe } from '../../records/recipe.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { withStage } from '../../store/stagedFiles.ts';
import { trialId, trialKeyOf, type StoredTrial, type TrialStore } from '../../store/trialStore.ts';
import type { QuantizeContext } from './context.ts';
import type { EvaluationSet } from './evaluationSet.ts';
import { assertNotStopped } from './interruption.ts';
import { makeAt } from './makeFile.ts';
import { madeModelOf } from './manifest.ts';
import { keyPartsOf } from './trialKey.ts';

/**
 * What ends a trial alone; anything else is somebody's to mend, and ends the search. The card agreed
 * with the float model, so that what contradicts it is the trial's own.
 */
const OWN_FAILURES: ReadonlySet<string> = new Set(['bad_model', 'bad_card', 'inference_failed', 'process_lost']);

/** Runs the trials of one search, and saves each when it ends. */
export class TrialBench {
  /** How many trials were taken from the store. */
  reused = 0;
  private readonly context: QuantizeContext;
  private readonly set: EvaluationSet;
  private readonly store: TrialStore;
  private reference: Predictions | undefined;

  constructor(context: QuantizeContext, set: EvaluationSet, store: TrialStore) {
    this.context = context;
    this.set = set;
    this.store = store;
  }

  /** The recipe's stored trial, or a new one. */
  async run(recipe: Recipe, number: number): Promise<TrialRecord> {
    const stored = await this.store.find(trialKeyOf(keyPartsOf(this.context, this.set, recipe)));
    if (stored !== undefined) {
      this.reused += 1;
      return stored.record;
    }
    const reference = await this.referencePredictions();
    const startedAt = new Date().toISOString();
    const subject = `trial ${number}`;
    const { paths } = this.context;
    return await withStage(paths.trials, async (stage) => {
      const path = stage.path('model.onnx');
      try {
        const made = await makeAt(this.context, recipe, path, subject);
        const predictions = await this.evaluate(path, subject);
        const rounds = await this.measure(path, subject);
        return await this.save(
          {
            ...this.commonOf(recipe, startedAt),
            status: 'finished',
            failure: null,
            model: madeModelOf(made),
            accuracy: pairPredictions(reference, predictions, this.set.targetClass, this.set.maybeClass),
            latency: { threads: this.set.threads, rounds },
          },
          predictions,
        );
      } catch (thrown) {
        return await this.saveFailed(recipe, startedAt, thrown);
      }
    });
  }

  /** Evaluates a file that was made again and is not the trial's, byte for byte. */
  async countAnswers({ sha256 }: QuantizedModel, path: string): Promise<PairedCounts> {
    const predictions = await this.evaluate(path, `${this.context.paths.name} ${sha256.slice(0, 8)}`);
    return pairPredictions(await this.referencePredictions(), predictions, this.set.targetClass, this.set.maybeClass);
  }

  /** The float model's answers: from the store, or now. */
  private async referencePredictions(): Promise<Predictions> {
    if (this.reference === undefined) {
      const stored = await this.store.find(trialKeyOf(keyPartsOf(this.context, this.set, null)));
      this.reference = stored?.predictions ?? (await this.evaluateReference());
    }
    return this.reference;
  }

  private async evaluateReference(): Promise<Predictions> {
    const startedAt = new Date().toISOString();
    const predictions = await this.evaluate(this.context.source.modelPath, 'float model');
    const common = { ...this.commonOf(null, startedAt), status: 'finished', failure: null } as const;
    await this.save({ ...common, model: null, accuracy: null, latency: null }, predictions);
    return predictions;
  }

  private async evaluate(modelPath: string, subject: string): Promise<Predictions> {
    const { progress, io, args, tools } = this.context;
    const images = this.set.dataset.splitImages.filter(({ readable }) => readable);
    const { predictions } = await tools.evaluateModel(this.evaluationJob(modelPath), (done) => {
      progress.show({ subject, phase: 'evaluate', done, total: images.length });
      assertNotStopped(io, args.search);
    });
    progress.clear();
    return predictions;
  }

  private evaluationJob(modelPath: string): EvaluationJob {
    const images = this.set.dataset.splitImages.filter(({ readable }) => readable);
    const { card, threads } = this.set;
    return {
      open: {
        modelPath,
        threads,
        inputSize: this.context.source.inputSize,
        preprocessing: card.preprocessing,
        items: images.map(({ id, path }) => ({ id, path })),
      },
      classes: card.classes,
      outputs: card.outputs,
      labels: new Map(images.map(({ id, className }) => [id, className])),
    };
  }

  private async measure(variantPath: string, subject: string) {
    const { progress, io, args, source, tools } = this.context;
    const { card, threads, seed, latencyInputs: imagePaths } = this.set;
    const { preprocessing, outputs } = card;
    const { modelPath: referencePath, inputSize } = source;
    const rounds = await tools.measurePair(
      { referencePath, variantPath, threads, inputSize, preprocessing, imagePaths, outputs, seed },
      (done, total) => {
        progress.show({ subject, phase: 'measure', done, total });
        return !io.interrupted.aborted;
      },
    );
    progress.clear();
    assertNotStopped(io, args.search);
    return rounds;
  }

  /** A process that was killed may live the next time, so that is not stored. */
  private async saveFailed(recipe: Recipe, startedAt: string, thrown: unknown): Promise<TrialRecord> {
    if (!(thrown instanceof BeltbenchError) || !OWN_FAILURES.has(thrown.code)) {
      throw thrown;
    }
    const record = {
      ...this.commonOf(recipe, startedAt),
      status: 'failed',
      failure: thrown.message,
      model: null,
      accuracy: null,
      latency: null,
    } as const;
    return thrown.code === 'bad_model' ? await this.save(record, undefined) : record;
  }

  private async save(record: StoredTrial['record'], predictions: StoredTrial['predictions']): Promise<TrialRecord> {
    await this.store.write({ record, predictions });
    return record;
  }

  private commonOf(recipe: Recipe | null, startedAt: string) {
    const keyParts = keyPartsOf(this.context, this.set, recipe);
    const key = trialKeyOf(keyParts);
    return {
      schema: 'beltbench/quantization-trial',
      version: 1,
      record_id: trialId(key, startedAt),
      trial_key: key,
      key_parts: keyParts,
      tool_version: this.context.toolVersion,
      runtime: this.context.runtime,
      started_at: startedAt,
      finished_at: new Date().toISOString(),
      recipe,
    } as const;
  }
}
