import * as assert from 'uvu/assert';
import { deepFreeze } from '../../src/config/freeze.ts';
import { describe } from '../describe.ts';

describe('deepFreeze', (it) => {
  it('freezes what lies in lists and objects', () => {
    const frozen = deepFreeze({ list: [{ value: 1 }] });
    assert.throws(
      () => {
        const [first] = frozen.list;
        if (first !== undefined) {
          first.value = 2;
        }
      },
      (error: unknown) => error instanceof TypeError,
    );
    assert.throws(
      () => frozen.list.push({ value: 3 }),
      (error: unknown) => error instanceof TypeError,
    );
    assert.equal(frozen, { list: [{ value: 1 }] });
  });

  it('comes to an end with an object that holds itself', () => {
    const own: Record<string, unknown> = {};
    own['self'] = own;
    assert.ok(Object.isFrozen(deepFreeze(own)));
  });

  it('hands back what cannot be frozen', () => {
    assert.is(deepFreeze(undefined), undefined);
    assert.is(deepFreeze('text'), 'text');
  });
});
