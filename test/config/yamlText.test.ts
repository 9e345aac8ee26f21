import * as assert from 'uvu/assert';
import { parseYaml } from '../../src/config/yamlText.ts';
import { describe } from '../describe.ts';

describe('parseYaml', (it) => {
  it('reads nested keys and lists, dates and yes as text, as YAML 1.2 says', () => {
    const text = 'a:\n  - b: 1\n    due: 2026-01-31\n    sure: yes\nc: {d: [1.5, null, true]}\n';
    assert.equal(parseYaml(text), {
      ok: true,
      value: { a: [{ b: 1, due: '2026-01-31', sure: 'yes' }], c: { d: [1.5, null, true] } },
    });
  });

  it('reads JSON, with tabs too', () => {
    assert.equal(parseYaml('{\n\t"a": [1, 2],\n\t"b": "c"\n}'), { ok: true, value: { a: [1, 2], b: 'c' } });
  });

  it('keeps keys that look like numbers or null as the texts they are', () => {
    assert.equal(parseYaml('0: clean\nnull: pit'), { ok: true, value: { 0: 'clean', null: 'pit' } });
  });

  it('answers null for nothing, comments and null', () => {
    for (const text of ['', '\n\n', '# only this\n', '---\n', 'null']) {
      assert.equal(parseYaml(text), { ok: true, value: null }, JSON.stringify(text));
    }
  });

  it('resolves a few aliases', () => {
    assert.equal(parseYaml('a: &x [1]\nb: *x'), { ok: true, value: { a: [1], b: [1] } });
  });

  const faults: [string, string, string | undefined, RegExp][] = [
    ['a tab as indentation', 'a:\n\tb: 1', '2:1', /Tabs are not allowed/],
    ['a key that stands twice', 'a: 1\nb: 2\na: 3', '3:1', /^the key `a` stands twice$/],
    ['a key that stands twice further down', 'x:\n  - a: 1\n    a: 2', '3:5', /^the key `a` stands twice$/],
    ['a key that stands twice in JSON', '{"a": 1, "a": 2}', '1:10', /^the key `a` stands twice$/],
    ['__proto__ as a key', 'x:\n  __proto__: {polluted: 1}', '2:3', /^the key `__proto__` is not allowed$/],
    ['a list as a key', '? [a]\n: b', '1:3', /keys must be strings/],
    ['an unclosed bracket', 'a: [1', '1:6', /\]/],
    ['an unclosed quote', "a: 'x", '1:6', /quote/],
    ['two keys on one line', 'a: b: c', '1:4', /mapping/i],
    ['a tag of another language', 'a: !!js/function "x"', '1:4', /Unresolved tag/],
    ['a second document', 'a: 1\n---\nb: 2', '2:1', /second document/],
    ['an alias without an anchor', 'a: *b', undefined, /[Uu]nresolved alias/],
  ];
  for (const [name, text, at, fault] of faults) {
    it(`says what is wrong, and where, with ${name}`, () => {
      const parsed = parseYaml(text);
      assert.not.ok(parsed.ok);
      assert.is(parsed.ok ? undefined : parsed.at, at);
      assert.match(parsed.ok ? '' : parsed.fault, fault);
    });
  }
});

describe('a hostile YAML', (it) => {
  it('cannot blow up with aliases of aliases', () => {
    const levels = ['a: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 10; level += 1) {
      levels.push(
        `b${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    const parsed = parseYaml(levels.join('\n'));
    assert.equal(parsed, {
      ok: false,
      at: undefined,
      fault: 'Excessive alias count indicates a resource exhaustion attack',
    });
  });

  const nestings: [string, string][] = [
    ['brackets', '['.repeat(1_000_000)],
    ['closed brackets, which take the parser and the process down', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['braces', '{a: '.repeat(250_000)],
    ['dashes', '- '.repeat(500_000)],
    ['question marks', '? '.repeat(500_000)],
    ['indentation', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ];
  for (const [name, text] of nestings) {
    it(`cannot exhaust the stack with ${name}`, () => {
      const parsed = parseYaml(text);
      assert.match(parsed.ok ? '' : parsed.fault, /^values are nested more than 50 deep$/);
    });
  }

  it('may nest as deep as any study does', () => {
    assert.ok(parseYaml(`${'['.repeat(40)}${']'.repeat(40)}`).ok);
  });

  it('cannot take minutes with 60,000 keys, each of which might be there twice', () => {
    const text = Array.from({ length: 60_000 }, (_, index) => `key${index}: 1`).join('\n');
    const startMs = performance.now();
    assert.ok(parseYaml(text).ok);
    assert.match(JSON.stringify(parseYaml(`${text}\nkey7: 2`)), /key7/);
    // Comparing every pair takes 30 seconds; a set takes one.
    assert.ok(performance.now() - startMs < 15_000);
  });
});
