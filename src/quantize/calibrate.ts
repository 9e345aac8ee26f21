import type { ModelProto } from '../onnx/generated/onnx_pb.ts';
import { addTaps } from '../onnx/rewrite/addTaps.ts';
import { besideModule, startIsolate } from '../runtime/isolate.ts';
import type { CalibrateOpenParams, ObserveParams, ObserveResult } from './calibrateProtocol.ts';
import type { ImageSource } from './imageFeed.ts';
import type { StatisticsByValue } from './observeProtocol.ts';
import { PREPARED_MODEL, withScratchFolder, writeScratchModel } from './scratchFolder.ts';
import type { Tap } from './statistics.ts';

/** One model whose values are to be observed while images run through it. */
export interface CalibrationJob extends ImageSource {
  /** The prepared float model. */
  readonly model: ModelProto;
  readonly taps: readonly Tap[];
  readonly threads: number;
  /** What messages call the model; without it, that it is a prepared one. */
  readonly label?: string;
}

/** Images per answer of the child: often enough for progress, seldom enough to cost nothing. */
const IMAGES_PER_CALL = 8;

/**
 * Runs the images one by one through the model, in a child process of its own, and observes the
 * tapped values. The images go through the card's own preprocessing; what is kept of them does not
 * grow with their number.
 *
 * @returns what was seen of every tap of the job, by value
 * @throws BeltbenchError when the model cannot be loaded or run, a value is not finite, there are no images or one changes
 */
export async function calibrate(
  job: CalibrationJob,
  onProgress: (done: number, total: number) => void,
): Promise<StatisticsByValue> {
  const { taps, images, preprocessing, inputSize, threads, label = PREPARED_MODEL } = job;
  return await withScratchFolder(async (folder) => {
    const modelPath = await writeTapped(folder, job);
    const child = startIsolate(besideModule(import.meta.url, 'calibrateChild'), 'calibration');
    try {
      await child.call('open', {
        modelPath,
        label,
        taps,
        images,
        preprocessing,
        inputSize,
        threads,
      } satisfies CalibrateOpenParams);
      let observed = 0;
      for (let done = false; !done;) {
        const answer = await child.call<ObserveResult>('observe', { count: IMAGES_PER_CALL } satisfies ObserveParams);
        observed += answer.observed;
        done = answer.done;
        onProgress(observed, images.length);
      }
      return await child.call<StatisticsByValue>('statistics');
    } finally {
      await child.close();
    }
  });
}

async function writeTapped(folder: string, { model, taps }: CalibrationJob): Promise<string> {
  const tapped = addTaps(
    model,
    taps.map(({ value }) => value),
  );
  return await writeScratchModel(folder, 'tapped.onnx', tapped);
}
