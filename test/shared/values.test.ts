import * as assert from 'uvu/assert';
import { isRecord, own, positive } from '../../src/shared/values.ts';
import { describe } from '../describe.ts';

describe('a value from outside', (it) => {
  it('is found under its own key alone', () => {
    assert.is(own({ a: 1 }, 'a'), 1);
    assert.is(own<unknown>({}, 'constructor'), undefined);
    assert.is(own(undefined, 'a'), undefined);
  });

  it('is a record when it has keys and is no list', () => {
    const values = [{}, { a: 1 }, [], null, undefined, 'text', 1];
    assert.equal(values.map(isRecord), [true, true, false, false, false, false, false]);
  });

  it('is positive when it is a finite number above 0', () => {
    const values = [0.5, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1', null];
    assert.equal(values.map(positive), [0.5, ...values.slice(1).map(() => undefined)]);
  });
});
