import { prefetch, type Loaded } from '../datasets/prefetch.ts';
import type { PreprocessedImage } from '../datasets/preprocess.ts';
import { startPreprocessThread } from '../datasets/preprocessThread.ts';
import { UnreadableImage } from '../datasets/unreadableImage.ts';
import { openClassifier, type Classifier } from '../runtime/session.ts';
import { serve } from '../runtime/serve.ts';
import type { EvaluatedRow, EvaluateItem, EvaluateOpenParams, NextParams, NextResult } from './evaluateProtocol.ts';

/** Images in flight or ready ahead of the model; another thread prepares them while the model runs. */
const PREFETCH_DEPTH = 8;

type LoadedImage = Loaded<EvaluateItem, PreprocessedImage>;

/** Answers the images in order; between two calls the next ones are already being decoded. */
class Evaluation {
  private readonly classifier: Classifier;
  private readonly images: AsyncGenerator<LoadedImage, void, undefined>;
  private readonly dims: readonly number[];

  constructor(classifier: Classifier, { inputSize, preprocessing, items }: EvaluateOpenParams) {
    this.classifier = classifier;
    this.dims = [1, 3, inputSize.height, inputSize.width];
    const thread = startPreprocessThread({ spec: preprocessing, size: inputSize });
    this.images = prefetch(items, (item) => thread.load(item.path), PREFETCH_DEPTH);
  }

  async next({ count }: NextParams): Promise<NextResult> {
    const rows: EvaluatedRow[] = [];
    while (rows.length < count) {
      const step = await this.images.next();
      if (step.done === true) {
        return { rows, done: true };
      }
      rows.push(await this.evaluate(step.value));
    }
    return { rows, done: false };
  }

  private async evaluate(loaded: LoadedImage): Promise<EvaluatedRow> {
    const { id } = loaded.item;
    if (!loaded.ok) {
      // A broken image is left out and said; a card that suits none of them must not skip them all.
      if (loaded.error instanceof UnreadableImage) {
        return { id, ok: false, reason: loaded.error.message };
      }
      throw loaded.error;
    }
    const { tensor, contentHash } = loaded.value;
    const outputs = await this.classifier.run(this.classifier.toInput(tensor, this.dims));
    return { id, ok: true, contentHash, outputs };
  }
}

function main(): void {
  let evaluation: Evaluation | undefined;
  serve({
    open: async (params: EvaluateOpenParams): Promise<void> => {
      evaluation = new Evaluation(await openClassifier(params.modelPath, { threads: params.threads }), params);
    },
    next: async (params: NextParams): Promise<NextResult> => {
      if (evaluation === undefined) {
        throw new Error('next before open');
      }
      return await evaluation.next(params);
    },
  });
}

main();
