import * as assert from 'uvu/assert';
import { hint, nearest } from '../../src/config/hint.ts';
import { describe } from '../describe.ts';

describe('nearest', (it) => {
  const known = ['budget_ms', 'required_share', 'confidence', 'items_per_second'];
  const cases: [string, string | undefined][] = [
    ['buget_ms', 'budget_ms'],
    ['budgetMs', 'budget_ms'],
    ['Budget-MS', 'budget_ms'],
    ['BUDGET_MS', 'budget_ms'],
    ['confidnece', 'confidence'],
    ['budget', 'budget_ms'],
    ['share', 'required_share'],
    ['colour', undefined],
    ['', undefined],
  ];
  for (const [name, expected] of cases) {
    it(`answers ${expected ?? 'nothing'} for "${name}"`, () => {
      assert.is(nearest(name, known), expected);
    });
  }

  it('does not take any short word for another', () => {
    assert.is(nearest('ab', ['id', 'xy']), undefined);
  });

  it('takes no long time over a name of a million letters', () => {
    assert.is(nearest('x'.repeat(1_000_000), known), undefined);
  });
});

describe('hint', (it) => {
  it('offers the near name', () => {
    assert.is(hint('pitt', ['clean', 'pit']), ', did you mean `pit`?');
  });

  it('compares without regard to case, and offers the name as it is written', () => {
    assert.is(hint('cherry_pit', ['Cherry_Clean', 'Cherry_Pit']), ', did you mean `Cherry_Pit`?');
  });

  it('lists what is allowed when nothing is near', () => {
    assert.is(hint('banana', ['clean', 'pit']), '; allowed here: clean, pit');
  });

  it('says to remove it where no name is allowed', () => {
    assert.is(hint('banana', []), '; remove it');
  });

  it('does not list names without end', () => {
    const text = hint(
      'banana',
      Array.from({ length: 1000 }, (_, index) => `frame-number-${index}`),
    );
    assert.match(text, /frame-number-29, \.\.\.$/);
  });

  it('does not let a name drive the terminal', () => {
    assert.is(hint('banana', ['\u001b[31mred']), '; allowed here: \uFFFD[31mred');
  });
});
