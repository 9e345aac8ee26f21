import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { parsePeakRss, peakRssBytes } from '../../src/measure/peakMemory.ts';
import { describe } from '../describe.ts';

const MB = 1024 * 1024;

/** The peak that a new process of a program reports. */
function peakOf(program: string): number {
  const module = fileURLToPath(new URL('../../src/measure/peakMemory.ts', import.meta.url));
  const code = `import { peakRssBytes } from ${JSON.stringify(module)};\n${program}\nconsole.log(await peakRssBytes());`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

describe('peakRssBytes', (it) => {
  it('is at least what the process holds now', async () => {
    assert.ok((await peakRssBytes()) >= 0.9 * process.memoryUsage.rss());
  });

  it('remembers memory that was given back', () => {
    const small = peakOf('');
    const large = peakOf(
      `(() => { const ballast = Buffer.alloc(200 * 1024 * 1024, 1); return ballast.length; })(); globalThis.gc?.();`,
    );
    assert.ok(large - small > 150 * MB && large - small < 300 * MB, `${small} and ${large} bytes`);
  });

  it('is the child’s own, not what its parent held when it was forked', () => {
    const ballast = Buffer.alloc(400 * MB, 1);
    const peak = peakOf('');
    assert.ok(peak < 300 * MB, `${peak} bytes beside a parent that holds ${ballast.length}`);
  });
});

describe('parsePeakRss', (it) => {
  it('reads the high water mark', () => {
    assert.is(
      parsePeakRss('Name:\tnode\nVmPeak:\t  999999 kB\nVmHWM:\t   43976 kB\nVmRSS:\t   43000 kB\n'),
      43976 * 1024,
    );
  });

  it('is undefined where the system does not say', () => {
    assert.is(parsePeakRss(''), undefined);
    assert.is(parsePeakRss('VmHWM: lots\n'), undefined);
  });
});
