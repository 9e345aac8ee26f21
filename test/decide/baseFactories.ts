import { createHash } from 'node:crypto';
import { modelSummarySchema, type ModelSummary } from '../../src/records/common.ts';
import type { HostClass } from '../../src/records/host.ts';

/*
 * Small records that the schemas of src/records accept. Everything has a plain default; a test names
 * only what it is about.
 */

export const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Minute `n` of the day on which everything here happens. */
export const minute = (n: number): string => new Date(Date.UTC(2025, 0, 1, 0, n)).toISOString();

export const SIZE = { height: 128, width: 128 };
export const SUBJECT = {
  story: 'STORY-006',
  backbone: 'resnet50',
  trial_name: 'trial',
  study_key_hash: sha('study'),
  trial_key_hash: sha('trial'),
  notice: null,
  tool_version: '0.1.0',
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
  input_size: SIZE,
  trained_input_size: SIZE,
  open_questions: [],
};

export function model(overrides: Partial<ModelSummary> = {}): ModelSummary {
  return modelSummarySchema.parse({
    file: 'model.onnx',
    sha256: sha('model'),
    file_size_bytes: 90_000_000,
    parameter_count: 23_512_130,
    multiply_adds: 1_340_000_000,
    int8_weight_share: 0,
    int8_multiply_add_share: 0,
    subnormal_weights: 0,
    nonfinite_weights: 0,
    opset: 20,
    producer: 'pytorch 2.9',
    ...overrides,
  });
}

export const LINE_PC: HostClass = {
  cpu_model: 'Intel i5-1135G7',
  isa: ['avx2', 'avx512f'],
  physical_cores: 4,
  logical_cores: 8,
  os: 'Linux 6.1',
  arch: 'x64',
  node: 'v20.11.0',
};
