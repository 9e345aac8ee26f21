import * as assert from 'uvu/assert';
import { parseYaml } from '../../src/config/yamlText.ts';
import { yamlList, yamlScalar } from '../../src/config/yamlScalar.ts';
import { describe } from '../describe.ts';

const NASTY = [
  'plain',
  'with space',
  'yes',
  'null',
  '~',
  '1',
  '0x10',
  '1e3',
  '.inf',
  'a: b',
  'a #b',
  '#a',
  '- a',
  '? a',
  '[a',
  '{a',
  '&a',
  '*a',
  '!a',
  '%a',
  '@a',
  '`a',
  '"a"',
  "it's",
  'a, b',
  '',
  ' a ',
  'a:',
  '---',
  '<<',
  'a\nb: c',
  'a\u0000b',
  '\u2028',
  'C:\\models',
  'x'.repeat(300),
  'вишня 桜桃 🍒',
];

describe('yamlScalar', (it) => {
  for (const text of NASTY) {
    it(`keeps ${JSON.stringify(text).slice(0, 40)} as a value and as a key, on one line`, () => {
      const scalar = yamlScalar(text);
      assert.not.match(scalar, /\n/);
      assert.equal(parseYaml(`before: 1\n${scalar}: ${scalar}\nafter: 2\n`), {
        ok: true,
        value: { before: 1, [text]: text, after: 2 },
      });
    });
  }
});

describe('yamlList', (it) => {
  it('keeps every text as an entry, on one line', () => {
    const list = yamlList(NASTY);
    assert.not.match(list, /\n/);
    assert.equal(parseYaml(`list: ${list}\n`), { ok: true, value: { list: NASTY } });
  });

  it('reads as people write it', () => {
    assert.is(yamlList(['clean', 'pit']), '[clean, pit]');
  });
});
