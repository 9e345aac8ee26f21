import * as assert from 'uvu/assert';
import { mulberry32 } from '../../src/stats/prng.ts';
import { classifySteadyState } from '../../src/stats/steadyState.ts';
import { median } from '../../src/stats/summary.ts';
import { describe } from '../describe.ts';
import { near } from './close.ts';
import { latencySeries, roughNormal } from './vectors.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('classifySteadyState', (it) => {
  it('is tested on the series of methods.md A4', () => {
    near(sum(latencySeries('warmup')), 4915.369, 1e-9);
    near(sum(latencySeries('flat')), 4798.013, 1e-9);
    near(sum(latencySeries('slowdown')), 4951.356, 1e-9);
    near(sum(latencySeries('ramp')), 4934.53, 1e-9);
  });

  it('tells a warm-up and where it ends', () => {
    const series = latencySeries('warmup');
    const found = classifySteadyState(series);
    assert.ok(found.state === 'warmup');
    assert.is(found.steadyFrom, 38);
    assert.equal(found.changepoints, [38]);
    assert.is(found.beforeMedian, median(series.slice(0, 38)));
    assert.is(found.steadyMedian, median(series.slice(38)));
  });

  it('tells a flat series', () => {
    const found = classifySteadyState(latencySeries('flat'));
    assert.ok(found.state === 'flat');
    assert.is(found.steadyFrom, 0);
    assert.equal(found.changepoints, []);
  });

  it('tells a slowdown, of which the slow state is the steady one', () => {
    const found = classifySteadyState(latencySeries('slowdown'));
    assert.ok(found.state === 'slowdown');
    assert.is(found.steadyFrom, 300);
    near(found.steadyMedian / found.beforeMedian, 13.5 / 12, 0.01);
  });

  it('sees a ramp as a step', () => {
    const found = classifySteadyState(latencySeries('ramp'));
    assert.ok(found.state === 'slowdown');
    assert.is(found.steadyFrom, 193);
  });

  it('is not misled by one spike, wherever it stands', () => {
    for (const place of [0, 1, 10, 60, 200, 398, 399]) {
      const spiked = latencySeries('flat').with(place, 200);
      const found = classifySteadyState(spiked);
      assert.ok(found.state === 'flat', `spike at ${place}`);
      assert.equal(found.changepoints, [], `spike at ${place}`);
    }
  });

  it('finds no steady state when the level changes in the last quarter', () => {
    const late = latencySeries('flat').map((x, index) => (index < 340 ? x : x + 3));
    assert.is(classifySteadyState(late).state, 'no steady state');
  });

  it('takes a change of less than 2 % for none', () => {
    const hardly = latencySeries('flat').map((x, index) => 12 + (x - 12) / 10 + (index < 200 ? 0 : 0.12));
    const found = classifySteadyState(hardly);
    assert.ok(found.state === 'flat');
    assert.equal(found.changepoints, [200]);
    assert.is(found.segments.length, 2);
  });

  it('names the last change when there are several', () => {
    const steps = latencySeries('flat').map((x, index) => x + (index < 50 ? 8 : index < 200 ? 0 : 2));
    const found = classifySteadyState(steps);
    assert.ok(found.state === 'slowdown');
    assert.is(found.steadyFrom, 200);
    assert.is(found.segments.length, 3);
  });

  it('gives the medians on both sides of the last change, not that of all before it', () => {
    const steps = latencySeries('flat').map((x, index) => x + (index < 120 ? 8 : index < 200 ? 0 : 2));
    const found = classifySteadyState(steps);
    assert.ok(found.state === 'slowdown');
    assert.is(found.beforeMedian, median(steps.slice(120, 200)));
    assert.is(found.steadyMedian, median(steps.slice(200)));
    assert.ok(found.beforeMedian < found.steadyMedian);
  });

  it('calls stationary data with 1 % of threefold spikes steady', () => {
    const random = mulberry32(77);
    let wrong = 0;
    for (let run = 0; run < 40; run++) {
      const series = Array.from(
        { length: 1000 },
        () => 12 * Math.exp(0.05 * roughNormal(random)) * (random() < 0.01 ? 3 : 1),
      );
      if (classifySteadyState(series).state !== 'flat') wrong++;
    }
    // methods.md A4: 2 % of runs show a change at all, and few of those of more than 2 %.
    assert.ok(wrong <= 2, `${wrong} of 40`);
  });

  it('does not take the steps of a coarse clock for changes', () => {
    const random = mulberry32(8);
    const coarse = Array.from({ length: 1000 }, () => Math.round(12 + 0.4 * roughNormal(random)));
    assert.is(classifySteadyState(coarse, { timerStep: 1 }).state, 'flat');
  });

  it('says nothing of fewer than 100 samples', () => {
    assert.equal(classifySteadyState(latencySeries('warmup').slice(0, 99)), {
      state: 'not enough samples',
      needs: 100,
    });
    assert.equal(classifySteadyState([]), { state: 'not enough samples', needs: 100 });
    assert.is(classifySteadyState(latencySeries('flat').slice(0, 100)).state, 'flat');
  });

  it('takes 20,000 steady samples in less than 2 seconds', () => {
    const random = mulberry32(21);
    const series = Float64Array.from({ length: 20_000 }, () => 12 + 0.1 * roughNormal(random));
    const started = performance.now();
    assert.is(classifySteadyState(series).state, 'flat');
    // Plain PELT needs over a second for this on an idle core; ours a third of one.
    assert.ok(performance.now() - started < 2000);
  });
});
