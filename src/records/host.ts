import { z } from 'zod';
import { timestamp } from './common.ts';

/** What of a machine can change a latency and does not change while it runs. */
export const hostClassSchema = z.strictObject({
  cpu_model: z.string(),
  /** The instruction sets that decide which kernels run: avx2, avx512f, avx512_vnni, amx_int8, asimddp, i8mm, ... */
  isa: z.array(z.string()),
  physical_cores: z.int().positive(),
  logical_cores: z.int().positive(),
  os: z.string(),
  arch: z.string(),
  node: z.string(),
});
export type HostClass = z.infer<typeof hostClassSchema>;

/** The machine's state at one moment; `null` where the system does not say. */
export const hostStateSchema = z.strictObject({
  taken_at: timestamp,
  load_average_1m: z.number().nullable(),
  memory_total_bytes: z.number(),
  memory_available_bytes: z.number(),
  frequency_mhz: z.number().nullable(),
  governor: z.string().nullable(),
  temperature_c: z.number().nullable(),
  /** The logical cores this process may use, such as "0-1". */
  affinity: z.string().nullable(),
  /** Cores' worth of time the control group allows; `null` for no limit. */
  cgroup_cpu_quota: z.number().nullable(),
  /** Whether the machine is a virtual one, whose neighbours cannot be seen. */
  virtual: z.boolean().nullable(),
  packages: z.record(z.string(), z.string()),
});
export type HostState = z.infer<typeof hostStateSchema>;
