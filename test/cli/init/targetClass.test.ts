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
    [['no_defect', 'worm'], 'worm', 'by name'],
    [['crack', 'ok'], 'crack', 'by name'],
    [['1_scratch', '2-GOOD'], '1_scratch', 'by name'],
    [['not_ok', 'ok'], 'not_ok', 'by name'],
    [['cracks', 'without_cracks'], 'cracks', 'by name'],
    [['dent', 'intact', 'scratch'], 'scratch', 'by alphabet'],
    [['clean', 'maybe', 'crack'], 'crack', 'by name'],
    [['fine', 'good', 'pass'], 'pass', 'by alphabet'],
    [['passenger', 'okra'], 'passenger', 'by alphabet'],
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
