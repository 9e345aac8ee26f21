import { readFile } from 'node:fs/promises';
import os from 'node:os';
import si from 'systeminformation';
import type { HostClass, HostState } from '../records/host.ts';
import { mean } from '../stats/summary.ts';
import { readCpuQuota } from './cpuQuota.ts';
import { measuringPackages } from './packages.ts';

/** The instruction sets that decide which kernels the runtime picks, by their names in /proc/cpuinfo. */
const DECISIVE_ISA = [
  'sse4_1',
  'avx',
  'avx2',
  'fma',
  'f16c',
  'avx_vnni',
  'avx_vnni_int8',
  'avx512f',
  'avx512bw',
  'avx512dq',
  'avx512vl',
  'avx512_vnni',
  'avx512_bf16',
  'avx512_fp16',
  'amx_int8',
  'amx_bf16',
  'asimd',
  'asimddp',
  'i8mm',
  'bf16',
  'sve',
  'svei8mm',
];

/** What of this machine can change a latency: part of every benchmark key. */
export async function probeHostClass(): Promise<HostClass> {
  const [cpu, osInfo, cpuInfo] = await Promise.all([si.cpu(), si.osInfo(), readText('/proc/cpuinfo')]);
  return {
    cpu_model: `${cpu.manufacturer} ${cpu.brand}`.trim(),
    isa: decisiveIsa(cpuInfo === undefined ? cpu.flags : cpuFlags(cpuInfo)),
    physical_cores: cpu.physicalCores,
    logical_cores: cpu.cores,
    os: `${osInfo.distro} ${osInfo.release}`.trim(),
    arch: os.arch(),
    node: process.version,
  };
}

/**
 * The machine's state now; taken before and after a measurement.
 *
 * @param packages versions beside those of the packages that measure
 */
export async function probeHostState(packages: Record<string, string>): Promise<HostState> {
  const [memory, temperature, speed, system, cpuInfo, status, quota, governor] = await Promise.all([
    si.mem(),
    si.cpuTemperature(),
    si.cpuCurrentSpeed(),
    si.system(),
    readText('/proc/cpuinfo'),
    readText('/proc/self/status'),
    readCpuQuota(),
    readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
  ]);
  const [load] = os.loadavg();
  return {
    taken_at: new Date().toISOString(),
    load_average_1m: os.platform() === 'win32' ? null : (load ?? null),
    memory_total_bytes: memory.total,
    memory_available_bytes: memory.available,
    frequency_mhz: speed.avg > 0 ? Math.round(speed.avg * 1000) : frequencyMhz(cpuInfo ?? ''),
    governor: governor?.trim() ?? null,
    temperature_c: temperature.main ?? null,
    affinity: /^Cpus_allowed_list:\s*(\S+)/m.exec(status ?? '')?.[1] ?? null,
    cgroup_cpu_quota: quota,
    virtual: system.virtual,
    packages: { ...measuringPackages(), ...packages },
  };
}

/** The decisive ones among a CPU's flags, always in the same order. */
export function decisiveIsa(flags: string): string[] {
  const present = new Set(flags.split(/\s+/));
  return DECISIVE_ISA.filter((name) => present.has(name));
}

/** The flags of the first core in /proc/cpuinfo: x86 calls the line "flags", ARM "Features". */
export function cpuFlags(cpuInfo: string): string {
  return /^(?:flags|Features)\s*:\s*(.+)$/m.exec(cpuInfo)?.[1] ?? '';
}

/** The mean clock of all cores by /proc/cpuinfo, which virtual machines fill where the tool's sources are empty. */
export function frequencyMhz(cpuInfo: string): number | null {
  const clocks = [...cpuInfo.matchAll(/^cpu MHz\s*:\s*([\d.]+)$/gm)].map(([, mhz]) => Number(mhz));
  const average = mean(clocks);
  return average === undefined || !(average > 0) ? null : Math.round(average);
}

async function readText(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}
