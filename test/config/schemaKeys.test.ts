import * as assert from 'uvu/assert';
import { z } from 'zod';
import { allKeys, keysAt } from '../../src/config/schemaKeys.ts';
import { describe } from '../describe.ts';

const schema = z.strictObject({
  name: z.string(),
  inner: z.strictObject({ depth: z.number().default(1) }).prefault({}),
  list: z.array(z.strictObject({ item: z.string().nullable().optional() })).default([]),
  record: z.record(z.string(), z.strictObject({ entry: z.string() })),
  free: z.record(z.string(), z.unknown()).optional(),
});

describe('allKeys', (it) => {
  it('names every key at every depth, through defaults, lists and records', () => {
    const paths = allKeys(schema).map(({ path, key }) => [...path, key].join('.'));
    assert.equal(paths, ['name', 'inner', 'inner.depth', 'list', 'list.*.item', 'record', 'record.*.entry', 'free']);
  });
});

describe('keysAt', (it) => {
  const cases: [string, PropertyKey[], string[]][] = [
    ['the top level', [], ['name', 'inner', 'list', 'record', 'free']],
    ['an object', ['inner'], ['depth']],
    ["a list's entry", ['list', 0], ['item']],
    ["a record's entry", ['record', 'any'], ['entry']],
    ['a value', ['name'], []],
    ['a free-form record', ['free', 'any'], []],
    ['a key that is not there', ['nothing', 'below'], []],
  ];
  for (const [name, path, expected] of cases) {
    it(`answers the keys at ${name}`, () => {
      assert.equal(keysAt(schema, path), expected);
    });
  }
});
