import * as assert from 'uvu/assert';
import { lastWords, TailOfText } from '../../src/runtime/lastWords.ts';
import { describe } from '../describe.ts';

describe('lastWords', (it) => {
  it('finds the error among a crash’s stack and version', () => {
    const stderr = [
      'node:internal/process/esm_loader:40',
      "      internalBinding('errors').triggerUncaughtException(",
      '      ^',
      '',
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'onnxruntime-node'",
      '    at packageResolve (node:internal/modules/esm/resolve:853:9)',
      '',
      'Node.js v20.20.2',
      '',
    ].join('\n');
    assert.is(lastWords(stderr), "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'onnxruntime-node'");
  });

  it('finds what V8 and C++ say when memory runs out', () => {
    assert.is(
      lastWords('<--- Last few GCs --->\nFATAL ERROR: Reached heap limit Allocation failed\n 1: 0xb8 node::Abort()\n'),
      'FATAL ERROR: Reached heap limit Allocation failed',
    );
    assert.is(
      lastWords("terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n"),
      'what():  std::bad_alloc',
    );
  });

  it('takes the last error of several, and the last line where none looks like one', () => {
    assert.is(lastWords('TypeError: first\nRangeError: second\n'), 'RangeError: second');
    assert.is(lastWords('one\ntwo\n\n'), 'two');
  });

  it('is empty for a process that said nothing, and never long', () => {
    assert.is(lastWords(' \n\n'), '');
    assert.is(lastWords(`Error: ${'x'.repeat(5000)}`).length, 300);
  });
});

describe('TailOfText', (it) => {
  it('keeps the end, however much comes in', () => {
    const tail = new TailOfText();
    for (let piece = 0; piece < 1000; piece += 1) {
      tail.add(`${'x'.repeat(999)}\n`);
    }
    tail.add('the end');
    assert.ok(tail.text.length <= 16 * 1024);
    assert.match(tail.text, /x\nthe end$/);
  });
});
