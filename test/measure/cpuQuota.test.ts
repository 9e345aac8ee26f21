import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { parseCpuQuota, readCpuQuota } from '../../src/measure/cpuQuota.ts';
import { describe } from '../describe.ts';

/** The quota that a process in the groups of `self` reads from a file tree of control groups. */
async function quotaIn(self: string, files: Readonly<Record<string, string>>): Promise<number | null> {
  const root = await mkdtemp(join(tmpdir(), 'beltbench-cgroup-'));
  try {
    for (const [name, content] of Object.entries({ ...files, self })) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), content);
    }
    return await readCpuQuota(root, join(root, 'self'));
  } finally {
    await rm(root, { recursive: true });
  }
}

describe('parseCpuQuota', (it) => {
  it('is cores’ worth of time', () => {
    assert.is(parseCpuQuota('150000 100000\n'), 1.5);
    assert.is(parseCpuQuota('50000 100000'), 0.5);
  });

  it('is null for no limit and for no text', () => {
    assert.is(parseCpuQuota('max 100000\n'), null);
    assert.is(parseCpuQuota('-1 100000'), null);
    assert.is(parseCpuQuota(''), null);
  });
});

describe('readCpuQuota', (it) => {
  it('reads the limit of this process’s own group', async () => {
    const quota = await quotaIn('0::/user.slice/line.service\n', {
      'user.slice/line.service/cpu.max': '200000 100000\n',
      'user.slice/cpu.max': 'max 100000\n',
    });
    assert.is(quota, 2);
  });

  it('takes the tightest limit on the way to the root', async () => {
    const quota = await quotaIn('0::/a/b/c\n', {
      'a/b/c/cpu.max': '400000 100000\n',
      'a/b/cpu.max': '50000 100000\n',
      'a/cpu.max': '300000 100000\n',
    });
    assert.is(quota, 0.5);
  });

  it('finds a container’s limit at the root of what it sees', async () => {
    assert.is(await quotaIn('0::/\n', { 'cpu.max': '150000 100000\n' }), 1.5);
    assert.is(await quotaIn('0::/not/mounted/here\n', { 'cpu.max': '150000 100000\n' }), 1.5);
  });

  it('reads the older control groups’ two files', async () => {
    const self = '12:memory:/jobs\n4:cpu,cpuacct:/jobs/7\n1:name=systemd:/\n0::/\n';
    const limited = { 'cpu/jobs/7/cpu.cfs_quota_us': '25000\n', 'cpu/jobs/7/cpu.cfs_period_us': '100000\n' };
    assert.is(await quotaIn(self, limited), 0.25);
    assert.is(await quotaIn(self, { ...limited, 'cpu/jobs/7/cpu.cfs_quota_us': '-1\n' }), null);
  });

  it('is null without control groups', async () => {
    assert.is(await quotaIn('', {}), null);
    assert.is(await readCpuQuota('/nowhere', '/nowhere/either'), null);
  });
});
