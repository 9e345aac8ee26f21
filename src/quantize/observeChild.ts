import { parentPort, workerData } from 'node:worker_threads';
import { BeltbenchError } from '../shared/errors.ts';
import type { ObserveRequest, ObserveResponse, ObserverSettings, StatisticsByValue } from './observeProtocol.ts';
import { ValueObserver } from './observer.ts';

/** Images whose arrays may pile up: V8 takes them for small, and would let many more. */
const IMAGES_BETWEEN_COLLECTIONS = 2;

function main(): void {
  // The starting side passes what it declares.
  const { taps } = workerData as ObserverSettings;
  const observers = new Map(
    taps.map(({ value, channelAxis }) => [value, new ValueObserver(channelAxis, value)] as const),
  );
  let images = 0;

  const answer = ({ source, values }: ObserveRequest): StatisticsByValue | undefined => {
    if (values === undefined) {
      return new Map([...observers].map(([value, observer]) => [value, observer.statistics()]));
    }
    for (const { value, numbers, dims } of values) {
      observers.get(value)?.add(numbers, dims, source);
    }
    images += 1;
    if (images % IMAGES_BETWEEN_COLLECTIONS === 0) {
      globalThis.gc?.();
    }
    return undefined;
  };

  parentPort?.on('message', (request: ObserveRequest) => {
    let response: ObserveResponse;
    try {
      response = { ok: true, statistics: answer(request) };
    } catch (thrown) {
      response =
        thrown instanceof BeltbenchError
          ? { ok: false, code: thrown.code, message: thrown.message }
          : { ok: false, code: undefined, thrown };
    }
    parentPort?.postMessage(response);
  });
}

main();
