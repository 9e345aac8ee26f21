import { execFileSync } from 'node:child_process';
import os from 'node:os';
import * as assert from 'uvu/assert';
import { otherCpuShare, parseCpuTimes, readCpuTimes } from '../../src/measure/cpuTimes.ts';
import { describe } from '../describe.ts';

describe('parseCpuTimes', (it) => {
  it('adds up all states but idle and iowait, in ms', () => {
    const text = 'cpu  100 20 30 4000 500 6 7 8 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\nintr 12345\n';
    assert.equal(parseCpuTimes(text), { busyMs: (100 + 20 + 30 + 6 + 7 + 8) * 10, totalMs: 4671 * 10 });
  });

  it('does not count guests twice, which stand in user and nice already', () => {
    const without = parseCpuTimes('cpu  100 20 30 4000 500 6 7 8 0 0\n');
    assert.equal(parseCpuTimes('cpu  100 20 30 4000 500 6 7 8 90 9\n'), without);
  });

  it('is undefined for anything else', () => {
    assert.is(parseCpuTimes(''), undefined);
    assert.is(parseCpuTimes('cpu0 1 2 3 4 5 6 7 8\n'), undefined);
    assert.is(parseCpuTimes('cpu  1 2 3\n'), undefined);
    assert.is(parseCpuTimes('cpu  1 2 3 4 5 6 seven 8\n'), undefined);
  });
});

describe('readCpuTimes', (it) => {
  it('agrees with another reader of /proc/stat', async () => {
    const here = await readCpuTimes();
    if (os.platform() !== 'linux') {
      assert.is(here, undefined);
      return;
    }
    const [idle, total] = execFileSync('awk', ['/^cpu / { print $5 + $6, $2+$3+$4+$5+$6+$7+$8+$9 }', '/proc/stat'])
      .toString()
      .split(' ')
      .map((ticks) => Number(ticks) * 10);
    const aMoment = 2000 * os.cpus().length;
    assert.ok(Math.abs((here?.totalMs ?? 0) - (total ?? 0)) < aMoment);
    assert.ok(Math.abs((here?.totalMs ?? 0) - (here?.busyMs ?? 0) - (idle ?? 0)) < aMoment);
  });
});

describe('otherCpuShare', (it) => {
  const before = { busyMs: 10_000, totalMs: 50_000 };

  it('is what was busy beside this process, of all cores together', () => {
    // In one second on two cores: 1500 ms busy, of which 1000 ms are ours.
    assert.is(otherCpuShare(before, { busyMs: 11_500, totalMs: 52_000 }, 1000), 0.25);
  });

  it('is not negative where the clock’s ticks counted less than this process used', () => {
    assert.is(otherCpuShare(before, { busyMs: 10_990, totalMs: 52_000 }, 1000), 0);
  });

  it('is null for too short a time, and where the system does not say', () => {
    assert.is(otherCpuShare(before, { busyMs: 10_050, totalMs: 50_090 }, 40), null);
    assert.is(otherCpuShare(undefined, before, 0), null);
    assert.is(otherCpuShare(before, undefined, 0), null);
  });
});
