import * as assert from 'uvu/assert';
import { groupWarnings } from '../../src/report/warningGroups.ts';
import { describe } from '../describe.ts';

describe('groupWarnings', (it) => {
  it('puts doubts about the whole first and names all candidates that share a doubt', () => {
    const groups = groupWarnings({
      warnings: [
        { code: 'x', message: 'noisy', candidate: 'b' },
        { code: 'y', message: 'leaks', candidate: null },
        { code: 'x', message: 'noisy', candidate: 'a' },
        { code: 'x', message: 'noisy', candidate: 'b' },
        { code: 'z', message: '43 % taken', candidate: 'a' },
        { code: 'z', message: '72 % taken', candidate: 'b' },
      ],
    });
    assert.equal(groups, [
      { message: 'leaks', candidates: [] },
      { message: 'noisy', candidates: ['b', 'a'] },
      { message: '43-72 % taken', candidates: ['a', 'b'] },
    ]);
  });
});
