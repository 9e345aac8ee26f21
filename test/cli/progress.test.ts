import * as assert from 'uvu/assert';
import { Progress, type Step } from '../../src/cli/progress.ts';
import { describe } from '../describe.ts';

const stepOf = (done: number): Step => ({ subject: 'resnet50', phase: 'measure', done, total: 30 });

/** What is printed without a terminal when `show` is called at these seconds. */
function logged(seconds: readonly number[], quiet = false): string[] {
  const lines: string[] = [];
  let now = 0;
  const io = {
    stdout: () => assert.unreachable('progress is for stderr'),
    stderr: (text: string) => lines.push(text),
    terminal: false,
    interrupted: new AbortController().signal,
  };
  const progress = new Progress(io, { quiet, json: false }, () => now);
  for (const [done, second] of seconds.entries()) {
    now = second * 1000;
    progress.show(stepOf(done));
  }
  return lines;
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
