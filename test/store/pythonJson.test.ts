import * as assert from 'uvu/assert';
import { parsePythonJson } from '../../src/store/pythonJson.ts';
import { describe } from '../describe.ts';

describe('parsePythonJson', (it) => {
  it('reads bare NaN and Infinity as texts, and leaves texts that hold them alone', () => {
    assert.equal(parsePythonJson('{"a": NaN, "b": [Infinity,-Infinity , NaN], "c": "NaN"}'), {
      a: 'NaN',
      b: ['Infinity', '-Infinity', 'NaN'],
      c: 'NaN',
    });
    assert.is(parsePythonJson('{"a": 0.5}')?.constructor, Object);
  });

  it('leaves a text alone that reads like a list with a NaN in it', () => {
    const line = String.raw`{"note": "before: NaN, [NaN] \" \\", "loss": NaN, "after": "x: -Infinity}"}`;
    assert.equal(parsePythonJson(line), {
      note: 'before: NaN, [NaN] " \\',
      loss: 'NaN',
      after: 'x: -Infinity}',
    });
  });

  it('has no answer for what is no JSON even so', () => {
    for (const text of ['', '{"a": NaN', '{"a": nan}', 'NaNs', '{"a": NaN1}', '{NaN: 1}', '[1 NaN]', '["a, NaN]']) {
      assert.is(parsePythonJson(text), undefined, text);
    }
  });

  it('is not slowed down by a long run of blanks', () => {
    const started = performance.now();
    assert.is(parsePythonJson(`[1,${' '.repeat(1_000_000)}oops, NaN]`), undefined);
    assert.ok(
      performance.now() - started < 2000,
      'it takes a few milliseconds; looking back at each blank took minutes',
    );
  });
});
