import * as assert from 'uvu/assert';
import { printable, shown } from '../../src/config/shown.ts';
import { describe } from '../describe.ts';

describe('shown', (it) => {
  const cases: [string, unknown, string][] = [
    ['text in quotes', 'ten', '"ten"'],
    ['a number', -1.5, '-1.5'],
    ['infinity, which JSON cannot hold', Number.POSITIVE_INFINITY, 'Infinity'],
    ['a boolean', true, 'true'],
    ['null as nothing', null, 'nothing'],
    ['a list', [1, 'a', [2]], '[1, "a", [2]]'],
    ['a long list by its beginning', [1, 2, 3, 4, 5, 6], '[1, 2, 3, 4, 5, ...]'],
    ['an object by its keys', { a: { b: 1 }, c: 2 }, '{a, c}'],
    ['a large object by its first keys', { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, '{a, b, c, d, e, ...}'],
  ];
  for (const [name, value, expected] of cases) {
    it(`shows ${name}`, () => {
      assert.is(shown(value), expected);
    });
  }

  it('cuts long text', () => {
    const text = shown('x'.repeat(10_000));
    assert.is(text.length, 60);
    assert.match(text, /^"x+\.\.\.$/);
  });

  it('shows an address without its user and password', () => {
    assert.is(shown('http://bob:SECRET@host:5000/x'), '"http://***@host:5000/x"');
    assert.is(shown([`see https://bob:SEC@RET${'x'.repeat(100)}@host`]), '["see https://***@host"]');
    assert.is(shown('http://host:5000 is at me@plant'), '"http://host:5000 is at me@plant"');
  });

  it('comes to an end with a list that holds itself', () => {
    const list: unknown[] = [];
    list.push(list);
    assert.is(shown(list), '[[[...]]]');
  });
});

describe('printable', (it) => {
  it('takes out what drives a terminal or turns a line around', () => {
    assert.is(printable('a\u001b[31mb\u202Ec\u2028d\u0085e\ud800f'), 'a\uFFFD[31mb\uFFFDc\uFFFDd\uFFFDe\uFFFDf');
  });

  it('leaves letters of every script', () => {
    assert.is(printable('Kirsche, вишня, 桜桃 🍒'), 'Kirsche, вишня, 桜桃 🍒');
  });
});
