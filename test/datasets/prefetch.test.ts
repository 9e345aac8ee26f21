import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { prefetch } from '../../src/datasets/prefetch.ts';
import { describe } from '../describe.ts';

/** Loads that take the longer the earlier they are, and what they did. */
function slowLoads() {
  const log = { started: 0, finished: 0, running: 0, mostOutstanding: 0, consumed: 0 };
  const load = async (item: number): Promise<number> => {
    log.started += 1;
    log.running += 1;
    log.mostOutstanding = Math.max(log.mostOutstanding, log.started - log.consumed);
    await sleep(item % 3 === 0 ? 8 : 1);
    log.running -= 1;
    log.finished += 1;
    return item * 10;
  };
  return { log, load };
}

async function failAtOne(item: number): Promise<number> {
  if (item === 1) {
    throw new Error('no image');
  }
  await sleep(5);
  return item;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

describe('prefetch', (it) => {
  it('yields in order, whatever finishes first', async () => {
    const { load } = slowLoads();
    const values: unknown[] = [];
    for await (const loaded of prefetch(upTo(10), load, 4)) {
      values.push(loaded.ok ? loaded.value : loaded.error);
    }
    assert.equal(values, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  it('keeps no more than `depth` loads under way or ready beside the one that is consumed', async () => {
    const { log, load } = slowLoads();
    for await (const loaded of prefetch(upTo(20), load, 3)) {
      assert.ok(loaded.ok);
      await sleep(3);
      assert.ok(log.started - log.consumed <= 4, `${log.started} started, ${log.consumed} consumed`);
      log.consumed += 1;
    }
    assert.is(log.finished, 20);
    assert.ok(log.mostOutstanding >= 3, 'it loads ahead');
  });

  it('tells a failed item in its place and goes on', async () => {
    const states: string[] = [];
    for await (const loaded of prefetch(upTo(3), failAtOne, 2)) {
      states.push(loaded.ok ? `${loaded.item} ok` : `${loaded.item} ${String(loaded.error)}`);
    }
    assert.equal(states, ['0 ok', '1 Error: no image', '2 ok']);
  });

  it('does not lose a failure that happens long before it is consumed', async () => {
    const states: boolean[] = [];
    for await (const loaded of prefetch(upTo(3), failAtOne, 3)) {
      await sleep(10);
      states.push(loaded.ok);
    }
    assert.equal(states, [true, false, true]);
  });

  it('starts nothing more, leaves nothing running and closes its source when the consumer stops early', async () => {
    const { log, load } = slowLoads();
    let closed = false;
    function* endless(): Generator<number> {
      try {
        for (let i = 0; ; i += 1) {
          yield i;
        }
      } finally {
        closed = true;
      }
    }
    for await (const loaded of prefetch(endless(), load, 3)) {
      if (loaded.item === 2) {
        break;
      }
    }
    assert.ok(closed);
    assert.is(log.running, 0);
    const { started } = log;
    await sleep(20);
    assert.is(log.started, started);
    assert.ok(started <= 6, `${started} started`);
  });

  it('yields nothing for no items', async () => {
    for await (const loaded of prefetch([], async () => 1, 2)) {
      assert.unreachable(`yielded ${String(loaded.ok)}`);
    }
  });

  it('refuses a depth that is no whole number above 0', async () => {
    for (const depth of [0, -1, 1.5, Number.NaN]) {
      const thrown: unknown = await prefetch([1], async () => 1, depth)
        .next()
        .catch((error: unknown) => error);
      assert.ok(thrown instanceof RangeError);
    }
  });
});
