import { openWorker } from '../datasets/openWorker.ts';
import { BeltbenchError } from '../shared/errors.ts';
import type {
  ObservedValue,
  ObserveRequest,
  ObserveResponse,
  ObserverSettings,
  StatisticsByValue,
} from './observeProtocol.ts';
import type { Tap } from './statistics.ts';

/** Keeps the statistics of tapped values on a thread of its own, while the model computes the next ones. */
export interface ObserveThread {
  /**
   * Hands over the values of one image, whose arrays are gone afterwards, once those of the image
   * before are counted: so at most one waits, however slow the thread is.
   *
   * @throws BeltbenchError `bad_model` when a value of this or the last image was not finite
   */
  readonly observe: (source: string, values: readonly ObservedValue[]) => Promise<void>;
  /** @throws as `observe` */
  readonly statistics: () => Promise<StatisticsByValue>;
}

interface Waiting {
  readonly resolve: (statistics: StatisticsByValue | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts the thread. It ends with the process. */
export function startObserveThread(taps: readonly Tap[]): ObserveThread {
  const worker = openWorker(import.meta.url, 'observeChild', { taps } satisfies ObserverSettings);
  const waiting: Waiting[] = [];
  const end = (why: unknown): void => waiting.splice(0).forEach(({ reject }) => reject(why));
  worker.on('error', end);
  worker.on('message', (response: ObserveResponse) => {
    const entry = waiting.shift();
    if (response.ok) {
      entry?.resolve(response.statistics);
    } else {
      entry?.reject(
        response.code === undefined ? response.thrown : new BeltbenchError(response.code, response.message),
      );
    }
  });
  const ask = (request: ObserveRequest): Promise<StatisticsByValue | undefined> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      // Transferred, not copied; a value may be tapped through two names of one array.
      const buffers = new Set((request.values ?? []).map(({ numbers }) => numbers.buffer as ArrayBuffer));
      worker.postMessage(request, [...buffers]);
    });

  let last: Promise<unknown> = Promise.resolve();
  return {
    observe: async (source, values) => {
      await last;
      last = ask({ source, values });
      // Told to whoever asks next; nobody awaits it before.
      last.catch(() => undefined);
    },
    statistics: async () => {
      await last;
      const statistics = await ask({ source: '', values: undefined });
      if (statistics === undefined) {
        throw new Error('the observing thread answered without statistics');
      }
      return statistics;
    },
  };
}
