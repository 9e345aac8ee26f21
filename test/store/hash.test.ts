import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { hashOf } from '../../src/store/hash.ts';
import { describe } from '../describe.ts';

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

describe('hashOf', (it) => {
  it('hashes the example of RFC 8785, section 3.2.2, in its canonical form', () => {
    const example = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`) as unknown;
    const canonical = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
    assert.is(hashOf(example), sha256(canonical));
  });

  it('sorts keys by their UTF-16 units, as RFC 8785, section 3.2.3 has it', () => {
    const example = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\u{1f600}': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const order = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'] as const;
    const canonical = `{${order.map((key) => `${JSON.stringify(key)}:"${example[key]}"`).join(',')}}`;
    assert.is(hashOf(example), sha256(canonical));
  });

  it('does not depend on the order of keys, at any depth', () => {
    assert.is(hashOf({ a: 1, b: { c: [1, 2], d: null } }), hashOf({ b: { d: null, c: [1, 2] }, a: 1 }));
  });

  it('depends on the order of a list, on types and on letters', () => {
    const values = [
      [1, 2],
      [2, 1],
      ['1', '2'],
      [1],
      [null],
      { a: 1 },
      { a: '1' },
      { A: 1 },
      {},
      '',
      0,
      false,
      'ö',
      'o\u0308',
    ];
    assert.is(new Set(values.map(hashOf)).size, values.length);
  });

  it('takes a key without a value for a key that is not there', () => {
    assert.is(hashOf({ a: 1, b: undefined }), hashOf({ a: 1 }));
    assert.is.not(hashOf({ a: 1, b: null }), hashOf({ a: 1 }));
  });

  it('refuses what is no JSON, because it would hash as something else', () => {
    assert.throws(() => hashOf({ a: Number.NaN }), /NaN/);
    assert.throws(() => hashOf(Infinity), /Infinity/);
    assert.throws(() => hashOf(undefined), /a hash needs a JSON value/);
  });
});
