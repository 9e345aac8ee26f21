import * as assert from 'uvu/assert';
import { loaderOptions } from '../../src/runtime/loaderOptions.ts';
import { describe } from '../describe.ts';

describe('loaderOptions', (it) => {
  it('keeps what loads modules, in both spellings', () => {
    const options = ['--require', './a.cjs', '--import=tsx', '-r', 'b', '--loader', 'c', '--import', 'file:///d.mjs'];
    assert.equal(loaderOptions(options), options);
  });

  it('keeps nothing else', () => {
    const others = ['--eval', 'program', '-e', 'program', '--input-type=module', '--inspect=9229', '--cpu-prof'];
    assert.equal(loaderOptions(others), []);
    assert.equal(loaderOptions(['--inspect', '--import', 'tsx', '--expose-gc']), ['--import', 'tsx']);
    assert.equal(loaderOptions([]), []);
  });
});
