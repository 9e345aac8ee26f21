import {
  latencyRecordSchema,
  latencySamplesSchema,
  type LatencyRecord,
  type LatencySamples,
  type StageSample,
} from '../../src/records/latency.ts';
import type { HostClass, HostState } from '../../src/records/host.ts';
import { LINE_PC, minute, model, sha, SUBJECT } from './baseFactories.ts';

const HOST_STATE = {
  taken_at: minute(0),
  load_average_1m: 0.1,
  memory_total_bytes: 16e9,
  memory_available_bytes: 8e9,
  frequency_mhz: 2400,
  governor: 'performance',
  temperature_c: 50,
  affinity: '0-7',
  cgroup_cpu_quota: null,
  virtual: false,
  packages: { 'onnxruntime-node': '1.30.0' },
};

export interface RunFacts {
  readonly candidate?: string;
  /** Distinguishes two runs of one candidate. */
  readonly run?: number;
  readonly startedAt?: string;
  /** `null`: no batch-1 summary. */
  readonly meanMs?: number | null;
  readonly status?: 'finished' | 'failed';
  readonly failure?: string | null;
  readonly host?: HostClass;
  readonly threads?: number;
  readonly key?: string;
  readonly metrics?: Record<string, number>;
  readonly hostBefore?: Partial<HostState>;
  readonly warnings?: LatencyRecord['warnings'];
}

export function latencyRecord(facts: RunFacts = {}): LatencyRecord {
  const { candidate: id = 'a', run = 1, meanMs = 10, status = 'finished', host = LINE_PC, threads = 1 } = facts;
  const hostClass = sha(JSON.stringify(host));
  const startedAt = facts.startedAt ?? minute(run);
  return latencyRecordSchema.parse({
    schema: 'beltbench/latency',
    version: 1,
    record_id: `latency-${id}-${run}`,
    status,
    failure: facts.failure ?? null,
    ...SUBJECT,
    candidate_id: id,
    model: model(),
    benchmark_key: sha(facts.key ?? `${id} on ${hostClass} with ${threads}`),
    key_parts: {
      model: sha(id),
      data: sha('data'),
      evaluation: sha('preprocessing'),
      benchmark_config: sha(`config ${threads}`),
      host_class: hostClass,
    },
    started_at: startedAt,
    finished_at: startedAt,
    settings: {
      batch_sizes: [1],
      iterations: 1000,
      warmup_iterations: 50,
      rounds: 10,
      threads,
      seed: 1,
      session_options: { intraOpNumThreads: threads },
      runtime: 'onnxruntime-node 1.30.0',
    },
    host_class: host,
    host_before: { ...HOST_STATE, ...facts.hostBefore },
    host_after: HOST_STATE,
    batch_1:
      meanMs === null || status === 'failed'
        ? null
        : { n: 1000, mean_ms: meanMs, std_ms: 0.1, min_ms: meanMs, median_ms: meanMs, max_ms: meanMs },
    other_batches: {},
    metrics: facts.metrics ?? (meanMs === null ? {} : { latency_batch_1_ms: meanMs }),
    peak_rss_bytes: 3e8,
    inputs: { count: 64, sha256: sha('inputs') },
    warnings: facts.warnings ?? [],
  });
}

export interface RoundFacts {
  readonly ms: readonly number[];
  readonly round?: number;
  readonly launch?: number;
  readonly startedAt?: string;
  readonly batchSize?: number;
  readonly idle?: number | null;
  readonly other?: number | null;
  readonly stages?: readonly StageSample[];
}

/** The raw samples of one launch per entry of `launches`, or of one. */
export function samplesOf(rounds: readonly RoundFacts[], launches = 1): LatencySamples {
  return latencySamplesSchema.parse({
    schema: 'beltbench/latency-samples',
    version: 1,
    launches: Array.from({ length: launches }, (_, index) => ({
      launch: index + 1,
      started_at: minute(index),
      host: HOST_STATE,
      session_create_ms: 100 + index,
      per_batch: [
        { batch_size: 1, first_inference_ms: 40 + index, warmup_ms: [20, 18, 16] },
        { batch_size: 8, first_inference_ms: 300, warmup_ms: [200] },
      ],
    })),
    rounds: rounds.map(
      ({ ms, round, launch = 1, startedAt, batchSize = 1, idle = null, other = null, stages = [] }, index) => ({
        round: round ?? index + 1,
        launch,
        batch_size: batchSize,
        position: 1,
        started_at: startedAt ?? minute(round ?? index + 1),
        settle_ms: [99],
        samples_ms: [...ms],
        start_offsets_ms: ms.map((_, at) => at),
        stages: [...stages],
        gc: [],
        idle_cpu_share: idle,
        peak_rss_bytes: 3e8,
        other_cpu_share: other,
      }),
    ),
  });
}

/** `n` samples around `ms`, a little apart so that quantiles are of a real spread. */
export function steady(n: number, ms = 10): number[] {
  return Array.from({ length: n }, (_, index) => ms + ((index * 7) % 11) / 1000);
}
