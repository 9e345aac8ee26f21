import { readFile } from 'node:fs/promises';
import os from 'node:os';
import si from 'systeminformation';
import type { HostClass, HostState } from '../records/host.ts';

/** The instruction sets that decide which kernels the runtime picks (int8.md, section 5). */
const DECISIVE_ISA = [
  'sse4_1',
  'avx',
  'avx2',
  'fma',
  'f16c',
  'avx_vnni',
  'avx512f',
  'avx512bw',
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
];

/** What of this machine can change a latency: part of every benchmark key. */
export async function probeHostClass(): Promise<HostClass> {
  const [cpu, osInfo, cpuInfo] = await Promise.all([si.cpu(), si.osInfo(), readText('/proc/cpuinfo')]);
  const flags = new Set((cpuInfo === undefined ? cpu.flags : cpuFlags(cpuInfo)).split(/\s+/));
  return {
    cpu_model: `${cpu.manufacturer} ${cpu.brand}`.trim(),
    isa: DECISIVE_ISA.filter((name) => flags.has(name)),
    physical_cores: cpu.physicalCores,
    logical_cores: cpu.cores,
    os: `${osInfo.distro} ${osInfo.release}`.trim(),
    arch: os.arch(),
    node: process.version,
  };
}

/** The machine's state now; taken before and after a measurement. */
export async function probeHostState(packages: Record<string, string>): Promise<HostState> {
  const [memory, temperature, speed, osInfo, status, quota, governor] = await Promise.all([
    si.mem(),
    si.cpuTemperature(),
    si.cpuCurrentSpeed(),
    si.system(),
    readText('/proc/self/status'),
    readText('/sys/fs/cgroup/cpu.max'),
    readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
  ]);
  const [load] = os.loadavg();
  return {
    taken_at: new Date().toISOString(),
    load_average_1m: os.platform() === 'win32' ? null : (load ?? null),
    memory_total_bytes: memory.total,
    memory_available_bytes: memory.available,
    frequency_mhz: speed.avg > 0 ? Math.round(speed.avg * 1000) : null,
    governor: governor?.trim() ?? null,
    temperature_c: temperature.main ?? null,
    affinity: /^Cpus_allowed_list:\s*(\S+)/m.exec(status ?? '')?.[1] ?? null,
    cgroup_cpu_quota: parseCpuQuota(quota),
    virtual: osInfo.virtual,
    packages,
  };
}

/** `cpu.max` holds "QUOTA PERIOD" in microseconds, or "max PERIOD" for no limit. */
export function parseCpuQuota(text: string | undefined): number | null {
  const match = /^(\d+) (\d+)/.exec(text ?? '');
  return match === null ? null : Number(match[1]) / Number(match[2]);
}

/** x86 calls the line "flags", ARM "Features". */
function cpuFlags(cpuInfo: string): string {
  return /^(?:flags|Features)\s*:\s*(.+)$/m.exec(cpuInfo)?.[1] ?? '';
}

async function readText(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}
