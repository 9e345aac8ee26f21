import { BeltbenchError } from '../shared/errors.ts';
import { openWorker } from './openWorker.ts';
import type { PreprocessedImage } from './preprocess.ts';
import type { LoadRequest, LoadResponse, SentError, ThreadSettings } from './preprocessProtocol.ts';
import { UnreadableImage } from './unreadableImage.ts';

/** Preprocesses files on a thread of its own, so that the thread of the model only waits for the model. */
export interface PreprocessThread {
  /** As the function of `createPreprocess`, with the same errors. */
  readonly load: (path: string) => Promise<PreprocessedImage>;
  /** Ends the thread; loads under way are rejected. Safe to call twice. */
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (image: PreprocessedImage) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts the thread for images of one preprocessing and size. */
export function startPreprocessThread(settings: ThreadSettings): PreprocessThread {
  const worker = openWorker(import.meta.url, 'preprocessWorker', settings);
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let gone: Error | undefined;

  const end = (why: Error): void => {
    gone ??= why;
    for (const { reject } of waiting.values()) {
      reject(gone);
    }
    waiting.clear();
  };
  worker.on('error', (thrown) => end(thrown instanceof Error ? thrown : new Error(String(thrown))));
  worker.on('exit', (code) => end(new Error(`the preprocessing thread ended with exit code ${code}`)));
  worker.on('message', (response: LoadResponse) => {
    const entry = waiting.get(response.id);
    waiting.delete(response.id);
    if (response.ok) {
      entry?.resolve(response.image);
    } else {
      entry?.reject(toError(response.error));
    }
  });

  return {
    load: (path) =>
      new Promise((resolve, reject) => {
        if (gone !== undefined) {
          reject(gone);
          return;
        }
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, path } satisfies LoadRequest);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

function toError(sent: SentError): unknown {
  switch (sent.is) {
    case 'unreadable':
      return new UnreadableImage(sent.name, sent.kind, sent.detail);
    case 'known':
      return new BeltbenchError(sent.code, sent.message);
    case 'bug':
      return sent.thrown;
  }
}
