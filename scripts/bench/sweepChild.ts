// One measurement in a fresh process, so that the peak of its memory is its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { mulberry32 } from '../../src/stats/prng.ts';
import { sweepThresholds } from '../../src/stats/sweep.ts';

const ITEMS = 10_000_000;
const what = process.argv[2];

function makeScores(): { scores: Float64Array; isTarget: Uint8Array } {
  const random = mulberry32(7);
  const scores = new Float64Array(ITEMS);
  const isTarget = new Uint8Array(ITEMS);
  for (let i = 0; i < ITEMS; i += 1) {
    const target = random() < 0.46;
    isTarget[i] = target ? 1 : 0;
    // Two overlapping bumps, as scores of a classifier have; nearly all values distinct.
    scores[i] = target ? 1 - random() * random() : random() * random();
  }
  return { scores, isTarget };
}

globalThis.gc?.();
await sleep(50);
const before = process.memoryUsage().rss;
const { scores, isTarget } = makeScores();
const start = performance.now();
if (what === 'sweep') {
  const curve = sweepThresholds(scores, isTarget);
  if (curve.targets + curve.others !== ITEMS) {
    throw new Error('the sweep lost items');
  }
} else {
  scores.sort();
}
const ms = performance.now() - start;
// maxRSS is in kilobytes; the process's own size before there was any input is not the sweep's.
const peakBytes = process.resourceUsage().maxRSS * 1024 - before;
console.log(JSON.stringify({ ms, peakBytes, inputBytes: scores.byteLength + isTarget.byteLength }));
