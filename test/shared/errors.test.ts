import { readFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { asKnown, BeltbenchError, codeOf, isMissing, reasonOf, reasonWithoutPath } from '../../src/shared/errors.ts';
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

  it('is told from a bug of ours, which is thrown on', () => {
    const known = new BeltbenchError('bad_study', 'no story');
    assert.is(asKnown(known), known);
    assert.throws(() => asKnown(new TypeError('a bug')), /a bug/);
  });
});

describe('an error of the system', (it) => {
  it('can be told without the path that its message repeats', async () => {
    const path = "/nowhere/it's, open 'x'";
    const thrown = await readFile(path).catch((error: unknown) => error);
    assert.is(reasonOf(thrown), `ENOENT: no such file or directory, open '${path}'`);
    assert.is(reasonWithoutPath(thrown), 'ENOENT: no such file or directory');
    assert.is(reasonWithoutPath(new Error('it shrank, open it')), 'it shrank, open it');
  });

  const coded = (code: string): Error => Object.assign(new Error(code), { code });

  it('has a code, and nothing else has', () => {
    assert.is(codeOf(coded('EACCES')), 'EACCES');
    assert.is(codeOf(new Error('none')), undefined);
    assert.is(codeOf({ code: 'ENOENT' }), undefined);
  });

  it('says that a file is missing only where it cannot be there', () => {
    const codes = ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'EIO', 'ESTALE'];
    assert.equal(
      codes.filter((code) => isMissing(coded(code))),
      ['ENOENT', 'ENOTDIR'],
    );
  });
});
