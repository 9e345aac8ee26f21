import * as assert from 'uvu/assert';
import { guessTargetClass } from '../../../src/cli/init/targetClass.ts';
import { describe } from '../../describe.ts';

describe('guessTargetClass', (it) => {
  const cases: [string[], string, 'by name' | 'by alphabet'][] = [
    [['cherry_pit', 'cherry_clean'], 'cherry_pit', 'by name'],
    [['OK', 'NOK'], 'NOK', 'by name'],
    [['Defect', 'good'], 'Defect', 'by name'],
    [['bad', 'good'], 'bad', 'by name'],
    [['defect', 'no_defect'], 'defect', 'by name'],
    [['pit', 'pit-free'], 'pit', 'by name'],
    [['a', 'c', 'b'], 'c', 'by alphabet'],
    [['no_defect', 'worm'], 'worm', 'by alphabet'],
  ];
  for (const [classes, name, ground] of cases) {
    it(`takes ${name} of ${classes.join(', ')}, ${ground}`, () => {
      assert.equal(guessTargetClass(classes), { name, ground });
    });
  }

  it('guesses nothing from nothing', () => {
    assert.is(guessTargetClass([]), undefined);
  });
});
