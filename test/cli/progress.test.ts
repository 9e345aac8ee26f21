import * as assert from 'uvu/assert';
import { Progress, type Step } from '../../src/cli/progress.ts';
import { describe } from '../describe.ts';
import { quietIo } from './quietIo.ts';

const stepOf = (done: number): Step => ({ subject: 'resnet50', phase: 'measure', done, total: 30 });

/** What is printed without a terminal when `show` is called at these seconds. */
function logged(seconds: readonly number[], quiet = false): string[] {
  const io = quietIo();
  let now = 0;
  const progress = new Progress(io, { quiet, json: false }, () => now);
  for (const [done, second] of seconds.entries()) {
    now = second * 1000;
    progress.show(stepOf(done));
  }
  assert.is(io.out, '', 'progress is for stderr');
  return io.err.match(/.*\n/g) ?? [];
}

describe('progress without a terminal', (it) => {
  it('is a line of its own now and then, when work between samples asks for it', () => {
    const lines = logged([0, 6, 12, 18, 24, 30, 36]);
    assert.equal(lines, ['resnet50  measure  3/30  about 3 min left\n', 'resnet50  measure  6/30  about 3 min left\n']);
  });

  it('is silent for what is short', () => {
    assert.equal(logged([0, 5, 14]), []);
  });

  it('is silent with --quiet', () => {
    assert.equal(logged([0, 20, 40], true), []);
  });
});

describe('progress on a terminal', (it) => {
  const WIPE = '\r\u001B[2K';
  const onTerminal = () => {
    const io = { ...quietIo(), terminal: true };
    const written: string[] = [];
    const stderr = (text: string) => written.push(text);
    return { written, progress: new Progress({ ...io, stderr }, { quiet: false, json: false }, () => 0) };
  };

  it('is one line, drawn over itself', () => {
    const { written, progress } = onTerminal();
    progress.show(stepOf(0));
    progress.show(stepOf(30));
    assert.equal(written, [`${WIPE}resnet50  measure  0/30`, `${WIPE}resnet50  measure  30/30`]);
  });

  it('makes way for a note and for the end, once', () => {
    const { written, progress } = onTerminal();
    progress.show(stepOf(30));
    progress.note('resnet50: reused');
    progress.clear();
    assert.equal(written.slice(1), [WIPE, 'resnet50: reused\n']);
    progress.show(stepOf(30));
    progress.clear();
    assert.is(written.at(-1), WIPE);
  });

  it('shows what a folder is called without what drives the terminal', () => {
    const { written, progress } = onTerminal();
    progress.show({ ...stepOf(30), subject: 'a\u001B[2Jb\nc' });
    assert.equal(written, [`${WIPE}a?[2Jb?c  measure  30/30`]);
  });
});
