import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readYamlFile } from '../../src/config/yamlFile.ts';
import { BeltbenchError } from '../../src/shared/errors.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { withFolder } from './folder.ts';

const read = async (path: string): Promise<unknown> => await readYamlFile(path, 'bad_card', 'write one');

describe('readYamlFile', (it) => {
  it('reads YAML and JSON', async () => {
    await withFolder({ 'a.yaml': 'a: 1\n', 'a.json': '{"a": 1}' }, async (dir) => {
      assert.equal(await read(join(dir, 'a.yaml')), { a: 1 });
      assert.equal(await read(join(dir, 'a.json')), { a: 1 });
    });
  });

  it('names file, line and column of what is no YAML', async () => {
    await withFolder({ 'a.yaml': 'a: 1\n\tb: 2\n' }, async (dir) => {
      await rejects(() => read(join(dir, 'a.yaml')), /a\.yaml:2:\d+ is not valid YAML: .*; correct it there$/);
    });
  });

  it('names the file where no line can be told', async () => {
    await withFolder({ 'a.yaml': 'a: *b\n' }, async (dir) => {
      await rejects(() => read(join(dir, 'a.yaml')), /a\.yaml is not valid YAML: Unresolved alias/);
    });
  });

  it('says that an empty file is empty', async () => {
    await withFolder({ empty: '', comments: '# to be written\n' }, async (dir) => {
      await rejects(() => read(join(dir, 'empty')), /empty is empty; write one$/);
      await rejects(() => read(join(dir, 'comments')), /comments is empty; write one$/);
    });
  });

  it('keeps the message short, whatever the file holds', async () => {
    await withFolder({ 'a.yaml': '|'.repeat(100_000) }, async (dir) => {
      await rejects(() => read(join(dir, 'a.yaml')), /^.{1,400}$/);
    });
  });

  it('reports under the code it is given', async () => {
    const thrown: unknown = await read('/nowhere/a.yaml').catch((error: unknown) => error);
    assert.is(thrown instanceof BeltbenchError && thrown.code, 'bad_card');
  });
});
