import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { BeltbenchError } from '../shared/errors.ts';
import { createPreprocess } from './preprocess.ts';
import type { LoadRequest, LoadResponse, SentError, ThreadSettings } from './preprocessProtocol.ts';
import { UnreadableImage } from './unreadableImage.ts';

function main(): void {
  // A crop is too small to share among threads: handing its rows around costs more than decoding it.
  sharp.concurrency(1);
  // No crop is decoded twice, and a cache of them only presses on the model's memory.
  sharp.cache(false);
  // The starting side passes what it declares.
  const { spec, size } = workerData as ThreadSettings;
  const preprocess = createPreprocess(spec, size);
  parentPort?.on('message', ({ id, path }: LoadRequest) => {
    preprocess(path).then(
      (image) => {
        const response: LoadResponse = { id, ok: true, image };
        // Transferred, not copied, so that the thread of the model pays nothing for a tensor.
        parentPort?.postMessage(response, [image.tensor.buffer]);
      },
      (thrown: unknown) => {
        const response: LoadResponse = { id, ok: false, error: toSent(path, thrown) };
        parentPort?.postMessage(response);
      },
    );
  });
}

function toSent(path: string, thrown: unknown): SentError {
  if (thrown instanceof UnreadableImage) {
    return { is: 'unreadable', name: path, kind: thrown.kind, detail: thrown.detail };
  }
  if (thrown instanceof BeltbenchError) {
    return { is: 'known', code: thrown.code, message: thrown.message };
  }
  return { is: 'bug', thrown };
}

main();
