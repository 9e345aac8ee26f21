import * as assert from 'uvu/assert';
import { binomialCdf } from '../../src/stats/binomial.ts';
import { allowedMisses, assessRecallFloor, certifiedThreshold, targetsNeeded } from '../../src/stats/certificate.ts';
import { operatingPoint } from '../../src/stats/operatingPoint.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { sweepThresholds } from '../../src/stats/sweep.ts';
import { describe } from '../describe.ts';
import { close, near } from './close.ts';

const usual = { recallFloor: 0.99, confidence: 0.95 };

/** Targets with the scores 1, 2, ..., and as many others half a point below each. */
function ladder(targets: number) {
  const scores = Float64Array.from({ length: 2 * targets }, (_, item) => (item % 2 === 0 ? item / 2 + 1 : item / 2));
  return sweepThresholds(
    scores,
    Uint8Array.from(scores, (_, item) => (item % 2 === 0 ? 1 : 0)),
  );
}

const neededAt95 = (recallFloor: number) =>
  [0, 1, 2, 5].map((misses) => targetsNeeded({ recallFloor, confidence: 0.95 }, misses));

/** The chance that `targets` certify the usual recall when the true miss rate is `missRate`. */
const chance = (missRate: number, targets: number) =>
  binomialCdf(allowedMisses(targets, usual) ?? -1, targets, missRate);

describe('allowedMisses', (it) => {
  it('gives those of methods.md C2', () => {
    const expected = [
      [298, undefined],
      [299, 0],
      [472, 0],
      [473, 1],
      [566, 1],
      [627, 1],
      [628, 2],
      [1000, 4],
      [1049, 5],
      [2000, 12],
      [5000, 38],
    ] as const;
    for (const [targets, misses] of expected) assert.is(allowedMisses(targets, usual), misses, `${targets} targets`);
  });

  it('gives those of methods.md D1 for 566 targets', () => {
    const table = [
      [0.99, 2, 1, 0],
      [0.98, 6, 5, 3],
      [0.97, 11, 10, 7],
      [0.95, 21, 19, 16],
    ] as const;
    for (const [recallFloor, ...expected] of table) {
      const ours = [0.9, 0.95, 0.99].map((confidence) => allowedMisses(566, { recallFloor, confidence }));
      assert.equal(ours, expected, `recall ${recallFloor}`);
    }
  });

  it('stands between the error rates of methods.md D1', () => {
    const table = [
      [0.01, 1, 0.02274, 0.07795],
      [0.02, 5, 0.02976, 0.0645],
      [0.03, 10, 0.04716, 0.08215],
      [0.05, 19, 0.03897, 0.06081],
    ] as const;
    for (const [rate, last, atLast, atNext] of table) {
      near(binomialCdf(last, 566, rate), atLast, 5.1e-6, `${rate}`);
      near(binomialCdf(last + 1, 566, rate), atNext, 5.1e-6, `${rate}`);
    }
  });
});

describe('targetsNeeded', (it) => {
  it('gives those of methods.md C2 and D2', () => {
    const misses = [0, 1, 2, 3, 4, 5, 10];
    const of = (confidence: number) => misses.map((k) => targetsNeeded({ recallFloor: 0.99, confidence }, k));
    assert.equal(of(0.95), [299, 473, 628, 773, 913, 1049, 1693]);
    assert.equal(of(0.9), [230, 388, 531, 667, 798, 926, 1538]);
    assert.equal(of(0.99), [459, 662, 838, 1001, 1157, 1307, 2010]);
    assert.equal(neededAt95(0.98), [149, 236, 313, 523]);
    assert.equal(neededAt95(0.95), [59, 93, 124, 208]);
    assert.equal(neededAt95(0.995), [598, 947, 1258, 2100]);
    assert.is(targetsNeeded({ recallFloor: 0.999, confidence: 0.95 }), 2995);
  });

  it('agrees with the chances of methods.md D2 that 566 targets suffice', () => {
    const printed = [
      [0.0005, 0.97],
      [0.001, 0.89],
      [0.002, 0.69],
      [0.003, 0.49],
      [0.005, 0.23],
    ] as const;
    for (const [missRate, expected] of printed) near(chance(missRate, 566), expected, 0.005, `${missRate}`);
    for (const [missRate, targets] of [
      [0.002, 628],
      [0.003, 913],
      [0.004, 1182],
      [0.005, 1941],
      [0.007, 5876],
    ] as const) {
      assert.ok(chance(missRate, targets) >= 0.8, `${targets} targets`);
    }
  });
});

describe('certifiedThreshold', (it) => {
  it('is the second lowest target score of 566: one miss is allowed', () => {
    const found = certifiedThreshold(ladder(566), usual);
    assert.ok(found.state === 'certified');
    assert.is(found.threshold, 2);
    assert.is(found.misses, 1);
    assert.is(found.allowedMisses, 1);
    assert.is(found.recall, 565 / 566);
    near(found.recallLowerBound, 0.99165, 5e-6);
    // The others score 0.5, 1.5, 2.5, ...: two of them lie below.
    assert.is(found.falseRejects, 564);
    assert.is(found.falseRejectRate, 564 / 566);
    assert.ok(found.falseRejectInterval.lower < 564 / 566 && found.falseRejectInterval.upper > 564 / 566);
  });

  it('misses fewer than allowed rather than more when scores are tied', () => {
    // Scores 1, 2, 2, 2, ...: a threshold above 2 would miss three.
    const scores = Float64Array.from({ length: 600 }, (_, item) => (item === 0 ? 1 : item < 4 ? 2 : item));
    const found = certifiedThreshold(
      sweepThresholds(
        scores,
        Uint8Array.from(scores, (_, item) => (item < 599 ? 1 : 0)),
      ),
      usual,
    );
    assert.ok(found.state === 'certified');
    assert.is(found.threshold, 2);
    assert.is(found.misses, 1);
    assert.is(found.allowedMisses, 1);
  });

  it('says how many targets are missing', () => {
    assert.equal(certifiedThreshold(ladder(283), usual), {
      state: 'not enough data',
      targets: 283,
      needed: 299,
      more: 16,
    });
  });

  it('keeps its promise on new data', () => {
    // Uniform target scores, so the true miss rate at a threshold is the threshold itself.
    const random = mulberry32(99);
    let broken = 0;
    for (let study = 0; study < 1000; study++) {
      const scores = Float64Array.from({ length: 301 }, random);
      const found = certifiedThreshold(
        sweepThresholds(
          scores,
          Uint8Array.from(scores, (_, item) => (item < 300 ? 1 : 0)),
        ),
        usual,
      );
      if (found.state === 'certified' && found.threshold > 0.01) broken++;
    }
    // At most 5 % (4.9 % for 300 targets and no miss); five standard deviations of it are 34 of 1000.
    assert.ok(broken > 15 && broken < 84, `${broken} of 1000`);
  });
});

describe('operatingPoint', (it) => {
  it('gives the rates of the 42 missed of 566 and 29 of 660 rejected, with their exact intervals', () => {
    const scores = Float64Array.from({ length: 1226 }, (_, item) =>
      item < 42 || (item >= 566 && item < 1197) ? 0.2 : 0.8,
    );
    const curve = sweepThresholds(
      scores,
      Uint8Array.from(scores, (_, item) => (item < 566 ? 1 : 0)),
    );
    const point = operatingPoint(curve, 0.5, 0.95);
    assert.is(point.threshold, 0.5);
    assert.is(point.misses, 42);
    assert.is(point.targets, 566);
    assert.is(point.falseRejects, 29);
    assert.is(point.others, 660);
    // methods.md D3 and B1.
    near(point.recall, 0.925795, 5e-7);
    close(point.recallInterval.lower, 0.9010177250565692, 1e-12);
    close(point.recallInterval.upper, 0.9459991933063954, 1e-12);
    near(point.recallLowerBound, 0.905077, 5e-7);
    close(point.falseRejectInterval.lower, 0.029621222478263, 1e-12);
    close(point.falseRejectInterval.upper, 0.06249709495361073, 1e-12);
  });
});

describe('assessRecallFloor', (it) => {
  it('refutes 42 missed of 566', () => {
    const found = assessRecallFloor(42, 566, usual);
    assert.is(found.verdict, 'FAIL');
    near(found.recall, 0.925795, 5e-7);
    near(found.lowerBound, 0.905077, 5e-7);
    assert.ok((found.upperBound ?? 1) < 0.99);
    assert.is(found.moreTargets, undefined);
  });

  it('passes 1 missed of 566 and leaves 2 to 10 open', () => {
    assert.is(assessRecallFloor(1, 566, usual).verdict, 'PASS');
    assert.is(assessRecallFloor(2, 566, usual).verdict, 'NOT_ENOUGH_DATA');
    assert.is(assessRecallFloor(2, 566, usual).moreTargets, 62);
    // P(Bin(566, 0.01) >= 10) = 0.065, >= 11 it is 0.031.
    assert.is(assessRecallFloor(10, 566, usual).verdict, 'NOT_ENOUGH_DATA');
    assert.is(assessRecallFloor(11, 566, usual).verdict, 'FAIL');
  });

  it('knows nothing without targets', () => {
    const found = assessRecallFloor(0, 0, usual);
    assert.is(found.verdict, 'NOT_ENOUGH_DATA');
    assert.is(found.recall, undefined);
    assert.is(found.lowerBound, undefined);
    assert.is(found.moreTargets, 299);
  });
});
