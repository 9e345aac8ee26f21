import * as assert from 'uvu/assert';
import { groupTexts, type Told } from '../../src/report/groupTexts.ts';
import { describe } from '../describe.ts';

const about = (candidate: string | null, text: string, kind = 'x'): Told => ({ kind, text, candidate });
const grouped = (...told: Told[]) => groupTexts(told).map(({ text, candidates }) => [text, candidates]);

describe('groupTexts', (it) => {
  it('says once what several share, and of whom it holds', () => {
    assert.equal(grouped(about('b', 'noisy'), about('a', 'quiet'), about('a', 'noisy'), about('b', 'noisy')), [
      ['noisy', ['b', 'a']],
      ['quiet', ['a']],
    ]);
  });

  it('gives the range of the one number in which sentences differ', () => {
    assert.equal(
      grouped(
        about('a', 'others took 1,204.25 ms at 95 %'),
        about('b', 'others took 20 ms at 95 %'),
        about('c', 'others took 43.5 ms at 95 %'),
      ),
      [['others took 20-1,204.25 ms at 95 %', ['a', 'b', 'c']]],
    );
  });

  it('keeps together the numbers that belong together, and a power of ten whole', () => {
    const told = [
      about('a', 'rose from 6.34 ms to 6.95 ms'),
      about('b', 'rose from 12.55 ms to 12.94 ms'),
      about('a', 'p = 8.0e-5'),
      about('b', 'p = 9.0e-5'),
    ];
    assert.equal(
      groupTexts(told).map(({ text }) => text),
      told.map(({ text }) => text),
    );
  });

  it('keeps apart what differs in words, in names, in kind, or in whether it is about the whole', () => {
    const told = [
      about('a', 'slow by 3 ms'),
      about('a', 'fast by 3 ms'),
      about('a', 'trained at 128x128'),
      about('b', 'trained at 224x224'),
      about('a', 'see `model-1`, resnet18, p99'),
      about('b', 'see `model-2`, resnet18, p99'),
      about('b', 'see `model-2`, resnet50, p99'),
      about('b', 'slow by 4 ms', 'y'),
      about(null, 'slow by 5 ms'),
      about(null, 'slow by 6 ms'),
    ];
    assert.is(groupTexts(told).length, told.length);
  });

  it('takes a comma behind a number for a comma', () => {
    assert.equal(grouped(about('a', 'in 3, or 4 of 5.'), about('b', 'in 12, or 4 of 5.')), [
      ['in 3-12, or 4 of 5.', ['a', 'b']],
    ]);
  });
});
