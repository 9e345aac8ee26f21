import * as assert from 'uvu/assert';
import { collectGarbage, watchGc } from '../../src/measure/gcLog.ts';
import { describe } from '../describe.ts';

/** Makes enough short-lived objects that the young generation is collected. */
function litter(): number {
  let kept = 0;
  for (let i = 0; i < 400; i += 1) {
    kept += Array.from({ length: 10_000 }, (_, index) => ({ index })).length;
  }
  return kept;
}

describe('watchGc', (it) => {
  it('tells the collections within a time, on the performance clock', async () => {
    const gc = watchGc();
    const from = performance.now();
    litter();
    const until = performance.now();
    const collections = await gc.within(from, until);
    assert.ok(collections.length > 0);
    for (const { startMs, durationMs } of collections) {
      assert.ok(startMs + durationMs >= from && startMs <= until);
      assert.ok(durationMs > 0);
    }
  });

  it('does not tell those before, nor those after', async () => {
    const gc = watchGc();
    litter();
    const from = performance.now();
    const until = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    litter();
    assert.equal(await gc.within(from, until), []);
  });
});

describe('collectGarbage', (it) => {
  it('does nothing in a process that may not', () => {
    assert.is(collectGarbage(), undefined);
  });
});
