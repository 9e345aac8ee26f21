import * as assert from 'uvu/assert';
import { ValueObserver } from '../../src/quantize/observer.ts';
import type { ValueStatistics } from '../../src/quantize/statistics.ts';
import { mulberry32, shuffle } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';

/** Seeded numbers of both signs over many powers of two. */
function wild(count: number, seed = 1): Float32Array {
  const random = mulberry32(seed);
  return Float32Array.from({ length: count }, () => (random() - 0.5) * 2 ** Math.floor(random() * 40 - 30));
}

function observe(values: Float32Array): ValueStatistics {
  const observer = new ValueObserver(undefined, 'x');
  observer.add(values, [values.length]);
  return observer.statistics();
}

function observeParts(parts: readonly Float32Array[], channelAxis: number | undefined): ValueStatistics {
  const observer = new ValueObserver(channelAxis, 'x');
  for (const part of parts) {
    observer.add(part, [part.length / 4, 4]);
  }
  return observer.statistics();
}

describe('ValueObserver', (it) => {
  it('counts every number in the bin that holds it', () => {
    const values = wild(5000);
    const { histogram, count, min, max } = observe(values);
    const { low, high, counts } = histogram;
    const width = (high - low) / counts.length;
    const expected = new Float64Array(counts.length);
    for (const value of values) {
      const bin = Math.floor((value - low) / width);
      expected[bin] = (expected[bin] ?? 0) + 1;
    }
    assert.equal(counts, expected);
    assert.is(count, 5000);
    assert.is(
      min,
      values.reduce((a, b) => Math.min(a, b)),
    );
    assert.is(
      max,
      values.reduce((a, b) => Math.max(a, b)),
    );
    assert.ok(low <= min && min < low + width && high - width <= max && max < high);
  });

  it('gives the same counts in whatever order the images come', () => {
    const parts = Array.from({ length: 25 }, (_, seed) => wild(40, seed + 1));
    const inOrder = observeParts(parts, 1);
    for (let seed = 1; seed <= 20; seed += 1) {
      const shuffled = observeParts(shuffle(parts, mulberry32(seed)), 1);
      assert.equal(shuffled.histogram, inOrder.histogram);
      assert.equal([shuffled.min, shuffled.max, shuffled.count], [inOrder.min, inOrder.max, inOrder.count]);
      assert.equal(shuffled.channels?.min, inOrder.channels?.min);
      assert.equal(shuffled.channels?.max, inOrder.channels?.max);
    }
  });

  it('keeps a tiny negative number apart from 0 while the range grows', () => {
    const tinyFirst = observeParts([Float32Array.of(-1e-30, 0, 0, 0), Float32Array.of(4, 4, 4, 4)], undefined);
    const tinyLast = observeParts([Float32Array.of(4, 4, 4, 4), Float32Array.of(-1e-30, 0, 0, 0)], undefined);
    assert.equal(tinyFirst.histogram, tinyLast.histogram);
    assert.equal([tinyFirst.histogram.counts[0], tinyFirst.histogram.counts[1]], [1, 3]);
  });

  it('has more than 2048 bins from 0 to the largest number, wherever in its octave that lies', () => {
    for (const largest of [1, 1.001, 1.5, 1.999, 2 ** -20, 3e38]) {
      const { histogram } = observe(Float32Array.of(0, largest / 3, largest));
      assert.ok(histogram.counts.length > 2048 && histogram.counts.length <= 4096, String(histogram.counts.length));
      assert.is(histogram.low, 0);
    }
  });

  it('puts 0 between two bins', () => {
    const { low, high, counts } = observe(wild(1000)).histogram;
    assert.is(((low / (high - low)) * counts.length) % 1, 0);
  });

  it('takes numbers that are all 0, or all one number', () => {
    const zeros = observe(new Float32Array(10));
    assert.equal([zeros.min, zeros.max, [...zeros.histogram.counts]], [0, 0, [10]]);
    assert.ok(zeros.histogram.high > zeros.histogram.low);
    const fives = observe(new Float32Array(10).fill(-5));
    assert.equal([fives.min, fives.max, [...fives.histogram.counts]], [-5, -5, [10]]);
    assert.ok(fives.histogram.low <= -5 && fives.histogram.high > -5);
  });

  it('takes the smallest and the largest float32', () => {
    const { min, max, histogram } = observe(Float32Array.of(-(2 ** -149), 3.4028234663852886e38, 2 ** -149));
    assert.equal([min, max], [-(2 ** -149), 3.4028234663852886e38]);
    assert.is(
      histogram.counts.reduce((a, b) => a + b),
      3,
    );
  });

  it('gathers the statistics of channels that lie between other axes', () => {
    const observer = new ValueObserver(1, 'x');
    const dims = [2, 3, 2, 300];
    const images = [wild(3600, 1), wild(3600, 2)];
    images.forEach((image) => observer.add(image, dims));
    const { channels } = observer.statistics();
    for (const channel of [0, 1, 2]) {
      const own = images.flatMap((image) => [...image].filter((_, i) => Math.floor(i / 600) % 3 === channel));
      assert.is(channels?.min[channel], Math.min(...own));
      assert.is(channels?.max[channel], Math.max(...own));
      const mean = own.reduce((a, b) => a + b, 0) / own.length;
      // Two orders of summing 2400 float64 numbers.
      assert.ok(Math.abs((channels?.mean[channel] ?? NaN) - mean) < 1e-12 * Math.max(...own.map(Math.abs)));
    }
  });

  it('gathers the statistics of channels on the last axis, over more rows than are read at once', () => {
    const observer = new ValueObserver(1, 'x');
    const values = wild(77 * 5);
    observer.add(values, [77, 5]);
    const { channels } = observer.statistics();
    for (const channel of [0, 1, 2, 3, 4]) {
      const own = [...values].filter((_, i) => i % 5 === channel);
      assert.is(channels?.min[channel], Math.min(...own));
      assert.is(channels?.max[channel], Math.max(...own));
      const mean = own.reduce((a, b) => a + b, 0) / own.length;
      assert.ok(Math.abs((channels?.mean[channel] ?? NaN) - mean) < 1e-12 * Math.max(...own.map(Math.abs)));
    }
  });

  it('has no channels where none were asked for', () => {
    assert.is(observe(Float32Array.of(1, 2)).channels, undefined);
  });

  it('refuses NaN and infinity, and names the value and the image', async () => {
    for (const [bad, text] of [
      [NaN, 'NaN'],
      [Infinity, 'Infinity'],
      [-Infinity, '-Infinity'],
    ] as const) {
      for (const axis of [undefined, 0, 1]) {
        const observer = new ValueObserver(axis, 'gelu_3');
        observer.add(Float32Array.of(1, 2, 3, 4), [2, 2]);
        await rejects(
          () => observer.add(Float32Array.of(1, 2, bad, 4), [2, 2], 'a/b.png'),
          new RegExp(`received ${text} in \`gelu_3\` for a/b\\.png; run \`beltbench inspect\``),
        );
      }
    }
  });

  it('refuses to describe what it has not seen', async () => {
    await rejects(() => new ValueObserver(undefined, 'x').statistics(), /range of `x` .*received none/);
  });

  it('refuses a shape that its numbers or its channels do not fit', () => {
    const observer = new ValueObserver(1, 'x');
    observer.add(new Float32Array(6), [2, 3]);
    assert.throws(() => observer.add(new Float32Array(6), [3, 2]), /do not fit 3 channels/);
    assert.throws(() => observer.add(new Float32Array(5), [2, 3]), /do not fit/);
  });
});
