import * as assert from 'uvu/assert';
import { assessRecall, certifyRecall, targetsNeeded } from '../../src/index.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { rejects } from '../throws.ts';

/** Targets that score 1, 2, ... and as many others half a point below each. */
function ladder(targets: number) {
  const items = Array.from({ length: 2 * targets }, (_, item) => item);
  return { scores: items.map((item) => item / 2), isTarget: items.map((item) => item % 2 === 1) };
}

describe('certifyRecall of the library', (it) => {
  it('finds the highest threshold whose recall is proven: 566 targets allow one miss at 99 % and 95 % (methods.md C2)', () => {
    const found = certifyRecall(ladder(566));
    assert.is(found.state, 'certified');
    if (found.state === 'certified') {
      assert.equal([found.allowedMisses, found.misses, found.threshold], [1, 1, 1.5]);
      assert.ok(found.recallLowerBound >= 0.99);
    }
  });

  it('says how many targets more it takes', () => {
    assert.equal(certifyRecall(ladder(100)), { state: 'not enough data', targets: 100, needed: 299, more: 199 });
    assert.is(certifyRecall(ladder(100), { recallFloor: 0.9 }).state, 'certified');
  });

  it('refuses a floor that nothing can prove', async () => {
    await rejects(
      () => certifyRecall(ladder(9), { recallFloor: 1 }),
      /^certifyRecall: `recallFloor` must be below 1, received 1$/,
    );
    await rejects(() => certifyRecall(ladder(9), { recallFloor: 1 - 1e-12 }), /a share at least 1e-9 from 0 and 1/);
    await rejects(() => certifyRecall(ladder(9), { recallFloor: 99 }), /a share is written as 0.99, not in percent/);
    await rejects(() => certifyRecall(ladder(9), 0.99 as never), /expected keys with values, received 0.99/);
    await rejects(() => certifyRecall([1, 2, 3] as never), /^certifyRecall: `scores` must be an array of numbers/);
  });
});

describe('assessRecall of the library', (it) => {
  it('judges a threshold that was fixed beforehand', () => {
    assert.is(assessRecall({ misses: 1, targets: 566 }).verdict, 'PASS');
    assert.is(assessRecall({ misses: 20, targets: 566 }).verdict, 'FAIL');
    const open = assessRecall({ misses: 0, targets: 200 }, { recallFloor: 0.99 });
    assert.equal([open.verdict, open.moreTargets], ['NOT_ENOUGH_DATA', 99]);
    near(open.lowerBound, 0.05 ** (1 / 200), 1e-9);
  });

  it('refuses more misses than targets', async () => {
    await rejects(() => assessRecall({ misses: 3, targets: 2 }), /^assessRecall: .*misses to be at most targets/);
    await rejects(() => assessRecall({ misses: 0.5, targets: 2 }), /`misses`: expected a whole number, received 0.5/);
  });
});

describe('targetsNeeded of the library', (it) => {
  it('gives those of methods.md D2', () => {
    assert.is(targetsNeeded(), 299);
    assert.is(targetsNeeded({ misses: 1 }), 473);
  });

  it('refuses a negative count', async () => {
    await rejects(() => targetsNeeded({ misses: -1 }), /^targetsNeeded: `misses` must be at least 0, received -1/);
  });
});
