import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetAudit } from '../../src/records/dataset.ts';
import type { LatencyRecord, LatencySamples, Launch, Round } from '../../src/records/latency.ts';
import type { EvaluationRecord, Predictions } from '../../src/records/predictions.ts';

export const KEY = 'ab'.repeat(32);
const HASH = '0'.repeat(64);
const AT = '2026-03-01T08:00:00.000Z';

const SUBJECT = {
  story: 'STORY-1',
  candidate_id: 'resnet18',
  backbone: 'resnet18',
  trial_name: 'trial',
  study_key_hash: HASH,
  trial_key_hash: HASH,
  notice: null,
  tool_version: '0.0.0',
  model: {
    file: 'model.onnx',
    sha256: HASH,
    file_size_bytes: 1,
    parameter_count: 1,
    multiply_adds: 1,
    int8_weight_share: 0,
    int8_multiply_add_share: 0,
    subnormal_weights: 0,
    nonfinite_weights: 0,
    opset: 20,
    producer: 'by hand',
  },
  preprocessing: {
    resize: 'none',
    resize_to: null,
    crop: 'none',
    interpolation: 'linear',
    scale: 1 / 255,
    mean: null,
    std: null,
    channel_order: 'rgb',
  },
  input_size: { height: 8, width: 8 },
  trained_input_size: null,
  open_questions: [],
};

const HOST_CLASS = {
  cpu_model: 'A CPU',
  isa: ['avx2'],
  physical_cores: 2,
  logical_cores: 4,
  os: 'Linux 1',
  arch: 'x64',
  node: 'v20.11.0',
};

const HOST_STATE = {
  taken_at: AT,
  load_average_1m: 0.1,
  memory_total_bytes: 1,
  memory_available_bytes: 1,
  frequency_mhz: null,
  governor: null,
  temperature_c: null,
  affinity: '0-3',
  cgroup_cpu_quota: null,
  virtual: false,
  packages: {},
};

export function latencyRecord(recordId: string, startedAt = AT): LatencyRecord {
  return {
    schema: 'beltbench/latency',
    version: 1,
    record_id: recordId,
    status: 'finished',
    failure: null,
    ...SUBJECT,
    benchmark_key: KEY,
    key_parts: { model: HASH, data: HASH, evaluation: HASH, benchmark_config: HASH, host_class: HASH },
    started_at: startedAt,
    finished_at: startedAt,
    settings: {
      batch_sizes: [1],
      iterations: 2,
      warmup_iterations: 0,
      rounds: 1,
      threads: 1,
      seed: 1,
      session_options: {},
      runtime: 'onnxruntime-node 1',
    },
    host_class: HOST_CLASS,
    host_before: HOST_STATE,
    host_after: HOST_STATE,
    batch_1: null,
    other_batches: {},
    metrics: {},
    peak_rss_bytes: null,
    inputs: { count: 1, sha256: HASH },
    warnings: [],
  };
}

export function evaluationRecord(recordId: string): EvaluationRecord {
  return {
    schema: 'beltbench/evaluation',
    version: 1,
    record_id: recordId,
    status: 'finished',
    failure: null,
    ...SUBJECT,
    predictions_key: KEY,
    data_fingerprint: HASH,
    dataset_root: 'datasets/x',
    split: 'val',
    target_class: 'pit',
    maybe_class: null,
    classes: ['clean', 'pit'],
    outputs: 'logits',
    started_at: AT,
    finished_at: AT,
    runtime: 'onnxruntime-node 1',
    isa: ['avx2'],
    softmax: { applied: true, decided_by: 'card' },
    images: 1,
    correct: 1,
    confusion: null,
    skipped: [],
    images_per_second: 10,
    warnings: [],
  };
}

export const PREDICTIONS: Predictions = {
  schema: 'beltbench/predictions',
  version: 1,
  classes: ['clean', 'pit'],
  ids: ['val/pit/1.png'],
  content_hashes: [HASH],
  labels: ['pit'],
  probabilities: [[0.1, 0.9]],
};

export const AUDIT: DatasetAudit = {
  schema: 'beltbench/dataset',
  version: 1,
  split: 'val',
  target_class: 'pit',
  fingerprint: HASH,
  splits: [{ split: 'val', classes: [], other_files: 0, other_pictures: 0, ignored_links: [] }],
  duplicates: { groups: 0, within_split: 0, leak: 0, contradictory: 0 },
  duplicate_groups: [],
  leaked_ids: [],
  unreadable: [],
  sizes: [],
  odd_sizes: [],
};

export function roundOf(round: number, batchSize = 1): Round {
  return {
    round,
    launch: 1,
    batch_size: batchSize,
    position: 1,
    started_at: AT,
    settle_ms: [],
    samples_ms: [5.25, 5.5],
    start_offsets_ms: [0, 6],
    stages: [],
    gc: [],
    idle_cpu_share: null,
    peak_rss_bytes: 3e8,
    other_cpu_share: 0.01,
  };
}

export function launchOf(launch: number): Launch {
  return { launch, started_at: AT, host: HOST_STATE, session_create_ms: 100, per_batch: [] };
}

export function samplesOf(...rounds: Round[]): LatencySamples {
  return { schema: 'beltbench/latency-samples', version: 1, launches: [launchOf(1)], rounds };
}

export async function inTempDir(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-store-'));
  try {
    await run(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
