import * as assert from 'uvu/assert';
import { BeltbenchError, reasonOf } from '../../src/shared/errors.ts';
import { describe } from '../describe.ts';

describe('BeltbenchError', (it) => {
  it('keeps a message that quotes foreign text on one line', () => {
    const error = new BeltbenchError('bad_study', 'not YAML:\n  line 3\r\n  column 1');
    assert.is(error.message, 'not YAML: line 3 column 1');
  });

  it('tells the reason of anything that was thrown', () => {
    assert.is(reasonOf(new Error('disk full')), 'disk full');
    assert.is(reasonOf('plain text'), 'plain text');
  });
});
