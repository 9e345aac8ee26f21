import * as assert from 'uvu/assert';
import { cpuTimeMs, untilQuiet } from '../../src/measure/quiet.ts';
import { openClassifier } from '../../src/runtime/session.ts';
import { describe } from '../describe.ts';
import { busyClassifier, withModel } from '../runtime/models.ts';

function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    // nothing
  }
}

describe('cpuTimeMs', (it) => {
  it('counts the time that this process worked', () => {
    const before = cpuTimeMs();
    work(100);
    const spent = cpuTimeMs() - before;
    assert.ok(spent > 20 && spent < 1000, `${spent} ms`);
  });
});

describe('untilQuiet', (it) => {
  it('returns soon when nothing runs', async () => {
    const start = performance.now();
    assert.ok(await untilQuiet());
    assert.ok(performance.now() - start < 1000);
  });

  it('waits while something burns CPU', async () => {
    const stopAt = performance.now() + 300;
    const burn = setInterval(() => {
      if (performance.now() < stopAt) {
        work(15);
      } else {
        clearInterval(burn);
      }
    }, 16);
    assert.ok(await untilQuiet());
    assert.ok(performance.now() >= stopAt, 'it must not return while the process burns CPU');
  });

  it('gives up on what never rests, and says so', async () => {
    const burn = setInterval(() => work(15), 16);
    const start = performance.now();
    assert.not(await untilQuiet());
    clearInterval(burn);
    assert.ok(performance.now() - start >= 2000);
  });

  it('waits for the runtime’s threads, which spin after a run', async () => {
    await withModel(busyClassifier(), async (path) => {
      const classifier = await openClassifier(path, { threads: 2 });
      const input = classifier.toInput(new Float32Array(3 * 64 * 64).fill(0.5), [1, 3, 64, 64]);
      for (let run = 0; run < 20; run += 1) {
        await classifier.run(input);
      }
      const atOnce = cpuTimeMs();
      assert.ok(await untilQuiet());
      const spun = cpuTimeMs() - atOnce;
      const rested = performance.now();
      const before = cpuTimeMs();
      await new Promise((resolve) => setTimeout(resolve, 500));
      const share = (cpuTimeMs() - before) / (performance.now() - rested);
      await classifier.close();
      assert.ok(spun > 5, `the threads span for ${spun} ms: else this test shows nothing`);
      assert.ok(share < 0.05, `at rest the process used ${share} of a core`);
    });
  });
});
