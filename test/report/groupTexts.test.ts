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

  it('gives the range of numbers in which alone two sentences differ', () => {
    assert.equal(
      grouped(
        about('a', 'others took 72 % of the machine, from 9.5 ms to 1,204.25 ms at 95 %'),
        about('b', 'others took 43 % of the machine, from 10.5 ms to 20 ms at 95 %'),
      ),
      [['others took 43-72 % of the machine, from 9.5-10.5 ms to 20-1,204.25 ms at 95 %', ['a', 'b']]],
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
    ];
    assert.is(groupTexts(told).length, told.length);
  });

  it('takes a comma behind a number for a comma', () => {
    assert.equal(grouped(about('a', 'in 3, or 4 of 5.'), about('b', 'in 12, or 4 of 6.')), [
      ['in 3-12, or 4 of 5-6.', ['a', 'b']],
    ]);
  });
});
