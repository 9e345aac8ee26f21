import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * How many cores' worth of time the control groups leave this process: the tightest limit from its
 * own group up to the root, of cgroup v2 or of v1's cpu controller.
 *
 * @returns `null` for no limit, and where the system has no control groups
 */
export async function readCpuQuota(
  cgroupRoot = '/sys/fs/cgroup',
  selfFile = '/proc/self/cgroup',
): Promise<number | null> {
  const groups = parseGroups(await readText(selfFile));
  const quotas = await Promise.all([
    ...upwards(groups.unified).map(async (group) => parseCpuQuota(await readText(join(cgroupRoot, group, 'cpu.max')))),
    ...upwards(groups.cpu).map(async (group) => await readQuotaV1(join(cgroupRoot, 'cpu', group))),
  ]);
  const limits = quotas.filter((quota) => quota !== null);
  return limits.length === 0 ? null : Math.min(...limits);
}

/** `cpu.max` holds "QUOTA PERIOD" in microseconds, or "max PERIOD" for no limit. */
export function parseCpuQuota(text: string): number | null {
  const match = /^(\d+) (\d+)\s*$/.exec(text);
  return match === null ? null : Number(match[1]) / Number(match[2]);
}

/** v1 keeps the two numbers in two files, with a quota of -1 for no limit. */
async function readQuotaV1(folder: string): Promise<number | null> {
  const [quota, period] = await Promise.all([
    readText(join(folder, 'cpu.cfs_quota_us')),
    readText(join(folder, 'cpu.cfs_period_us')),
  ]);
  return parseCpuQuota(`${quota.trim()} ${period.trim()}`);
}

/** Lines of /proc/self/cgroup: "0::/PATH" for v2, "NUMBER:CONTROLLERS:/PATH" for v1. */
function parseGroups(text: string): { unified: string; cpu: string } {
  const groups = { unified: '/', cpu: '/' };
  for (const [, controllers, path] of text.matchAll(/^\d+:([^:\n]*):(\/.*)$/gm)) {
    if (path !== undefined && controllers === '') {
      groups.unified = path;
    } else if (path !== undefined && controllers?.split(',').includes('cpu') === true) {
      groups.cpu = path;
    }
  }
  return groups;
}

/** The group and all above it; a container often sees its own group as the root. */
function upwards(group: string): string[] {
  return group === '/' ? ['/'] : [group, ...upwards(dirname(group))];
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}
