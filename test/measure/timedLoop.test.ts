import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { timeRuns } from '../../src/measure/timedLoop.ts';
import { describe } from '../describe.ts';

/** Holds the thread for at least `ms`, as an inference does. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    // nothing
  }
}

describe('timeRuns', (it) => {
  it('keeps the samples in the order in which they were taken', async () => {
    const lengths = [6, 1, 4, 2, 8, 1];
    let call = 0;
    const { samplesMs } = await timeRuns(() => {
      work(lengths[call] ?? 0);
      call += 1;
      return Promise.resolve();
    }, lengths.length);
    assert.is(samplesMs.length, lengths.length);
    for (const [index, atLeast] of lengths.entries()) {
      assert.ok((samplesMs[index] ?? 0) >= atLeast, `sample ${index} is ${samplesMs[index]} ms, worked ${atLeast}`);
    }
  });

  it('takes exactly as many samples as asked, one call each', async () => {
    for (const iterations of [1, 2, 64, 1000]) {
      let calls = 0;
      const timed = await timeRuns(() => Promise.resolve((calls += 1)), iterations);
      assert.is(calls, iterations);
      assert.is(timed.samplesMs.length, iterations);
      assert.is(timed.startOffsetsMs.length, iterations);
    }
  });

  it('takes no sample when none is asked for', async () => {
    const timed = await timeRuns(() => Promise.reject(new Error('must not run')), 0);
    assert.equal(timed.samplesMs, []);
    assert.equal(timed.startOffsetsMs, []);
  });

  it('says when each sample started, on the performance clock', async () => {
    const startsSeen: number[] = [];
    const before = performance.now();
    const { firstStartMs, startOffsetsMs, samplesMs } = await timeRuns(async () => {
      startsSeen.push(performance.now());
      await sleep(3);
    }, 10);
    assert.is(startOffsetsMs[0], 0);
    assert.ok(firstStartMs >= before);
    for (const [index, offset] of startOffsetsMs.entries()) {
      const started = firstStartMs + offset;
      const seen = startsSeen[index] ?? Number.NaN;
      assert.ok(started <= seen && seen - started < 3, `sample ${index} started at ${started}, ran at ${seen}`);
      const previousEnd =
        index === 0 ? before : firstStartMs + (startOffsetsMs[index - 1] ?? 0) + (samplesMs[index - 1] ?? 0);
      assert.ok(started >= previousEnd - 1e-6, 'samples must not overlap');
    }
  });

  it('prepares before each sample, outside of its time', async () => {
    const prepared: number[] = [];
    const { samplesMs } = await timeRuns(
      () => Promise.resolve(),
      5,
      (iteration) => {
        prepared.push(iteration);
        work(5);
      },
    );
    assert.equal(prepared, [0, 1, 2, 3, 4]);
    assert.ok(Math.min(...samplesMs) < 2, `${samplesMs.join(', ')} ms must not hold the preparation's 5 ms`);
  });

  it('throws the very error that a run throws', async () => {
    const fault = new RangeError('the model broke');
    let calls = 0;
    const thrown = await timeRuns(() => (++calls < 3 ? Promise.resolve() : Promise.reject(fault)), 10).catch(
      (error: unknown) => error,
    );
    assert.is(thrown, fault);
    assert.is(calls, 3);
  });

  it('throws where a run throws a text, or throws at once', async () => {
    const text = await timeRuns(() => Promise.reject('only a text'), 3).catch((error: unknown) => error);
    assert.is(text instanceof Error && text.message, 'only a text');
    const atOnce = await timeRuns(() => {
      throw new TypeError('at once');
    }, 3).catch((error: unknown) => error);
    assert.instance(atOnce, TypeError);
  });
});
