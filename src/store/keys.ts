import type { LatencyRecord } from '../records/latency.ts';
import type { HostClass } from '../records/host.ts';
import { hashOf } from './hash.ts';

/** Everything that can change a latency; see rules.md 2. */
export interface BenchmarkIdentity {
  readonly modelSha256: string;
  readonly dataFingerprint: string;
  readonly preprocessing: LatencyRecord['preprocessing'];
  readonly inputSize: LatencyRecord['input_size'];
  /** Batch sizes, iterations, threads, session options, runtime version, the earlier tools' own keys. */
  readonly settings: Record<string, unknown>;
  readonly hostClass: HostClass;
}

/** The key under which a finished latency record may be reused, with the hashes it is made of. */
export function benchmarkKey(identity: BenchmarkIdentity): {
  benchmarkKey: string;
  keyParts: LatencyRecord['key_parts'];
} {
  const keyParts = {
    model: identity.modelSha256,
    data: identity.dataFingerprint,
    evaluation: evaluationHash(identity),
    benchmark_config: hashOf(identity.settings),
    host_class: hashOf(identity.hostClass),
  };
  return { benchmarkKey: hashOf(keyParts), keyParts };
}

/** The part of a key that says how images become tensors. */
export function evaluationHash(identity: Pick<BenchmarkIdentity, 'preprocessing' | 'inputSize'>): string {
  return hashOf({ preprocessing: identity.preprocessing, input_size: identity.inputSize });
}

/** Everything that can change a prediction: integer kernels may differ by instruction set, not by the CPU's name. */
export interface PredictionsIdentity {
  readonly modelSha256: string;
  readonly dataFingerprint: string;
  readonly preprocessing: LatencyRecord['preprocessing'];
  readonly inputSize: LatencyRecord['input_size'];
  readonly classes: readonly string[];
  readonly outputs: string;
  readonly runtime: string;
  readonly isa: readonly string[];
}

export function predictionsKey(identity: PredictionsIdentity): string {
  return hashOf(identity);
}

/** The earlier tools' coarse identities: which study, and which trial of it. */
export function studyKeyHash(story: string, datasetRoot: string, split: string): string {
  return hashOf({ story, dataset: { root: datasetRoot, split } });
}

export function trialKeyHash(candidateId: string): string {
  return hashOf({ candidate: candidateId });
}
