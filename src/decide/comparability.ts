import type { Gate } from '../records/decision.ts';
import type { LatencyRecord } from '../records/latency.ts';
import { notEnough } from './gates.ts';
import type { CandidateInput } from './inputs.ts';

/** What all candidates must share to be ranked against each other. */
export interface CommonGround {
  readonly hostClass: string | undefined;
  readonly hostName: string | undefined;
  readonly threads: number;
  readonly inputSize: string | undefined;
  readonly dataFingerprint: string | undefined;
}

/**
 * The conditions that the candidates are compared under: the host of the latest measurement, the
 * data of the latest evaluation, and the input size of the deployed candidate, or the most common.
 */
export function findCommonGround(candidates: readonly CandidateInput[], threads: number): CommonGround {
  const latest = newest(
    candidates.flatMap(({ latencyRecords }) => latencyRecords.filter(({ status }) => status === 'finished')),
  );
  const evaluation = newest(
    candidates.flatMap(({ evaluation: record }) => (record?.status === 'finished' ? [record] : [])),
  );
  const deployed = candidates.find(({ status }) => status === 'production');
  return {
    hostClass: latest?.key_parts.host_class,
    hostName: latest?.host_class.cpu_model,
    threads,
    inputSize: deployed === undefined ? mostCommon(candidates.flatMap(sizeText)) : sizeText(deployed)[0],
    dataFingerprint: evaluation?.data_fingerprint,
  };
}

/** The comparability gate: what was measured otherwise than the rest is not ranked with it. */
export function comparabilityGate(
  candidate: CandidateInput,
  record: LatencyRecord | undefined,
  ground: CommonGround,
): Gate {
  const { inputSize, trainedInputSize, evaluation } = candidate;
  const size = sizeText(candidate)[0];
  if (inputSize !== undefined && trainedInputSize !== undefined && !sameSize(inputSize, trainedInputSize)) {
    return fail(
      `runs at ${size}, trained at ${trainedInputSize.height}x${trainedInputSize.width}: neither its latency nor its accuracy is that of the trained model`,
    );
  }
  if (size !== undefined && ground.inputSize !== undefined && size !== ground.inputSize) {
    return fail(`runs at ${size}, the others at ${ground.inputSize}: a larger input is slower by its area`);
  }
  if (candidate.openQuestions.length > 0) {
    return notEnough(
      'comparability',
      `the model card leaves open: ${candidate.openQuestions.join(' ')}`,
      'answer the questions in the model card',
    );
  }
  if (record === undefined || evaluation?.status !== 'finished') {
    return notEnough(
      'comparability',
      record === undefined ? 'no latency record' : 'no predictions',
      `run \`beltbench ${record === undefined ? 'measure' : 'evaluate'}\``,
    );
  }
  if (record.key_parts.host_class !== ground.hostClass) {
    return notEnough(
      'comparability',
      `measured on another host class (${record.host_class.cpu_model}, Node ${record.host_class.node}) than the latest (${ground.hostName ?? 'unknown'})`,
      'measure all candidates on one host',
    );
  }
  if (record.settings.threads !== ground.threads) {
    return notEnough(
      'comparability',
      `measured with ${record.settings.threads} threads, the study asks for ${ground.threads}`,
      'run `beltbench measure`',
    );
  }
  if (evaluation.data_fingerprint !== ground.dataFingerprint) {
    return notEnough(
      'comparability',
      'evaluated on other images than the latest evaluation',
      'run `beltbench evaluate`',
    );
  }
  return {
    gate: 'comparability',
    verdict: 'PASS',
    reason: `input ${size ?? 'unknown'} as trained, ${record.host_class.cpu_model}, ${record.settings.threads} thread(s), data ${evaluation.data_fingerprint.slice(0, 12)}`,
    needs: null,
    excess: null,
  };
}

function fail(reason: string): Gate {
  return { gate: 'comparability', verdict: 'FAIL', reason, needs: null, excess: null };
}

function sizeText({ inputSize }: CandidateInput): string[] {
  return inputSize === undefined ? [] : [`${inputSize.height}x${inputSize.width}`];
}

function sameSize(a: { height: number; width: number }, b: { height: number; width: number }): boolean {
  return a.height === b.height && a.width === b.width;
}

function newest<T extends { started_at: string }>(records: readonly T[]): T | undefined {
  return records.toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1)).at(-1);
}

function mostCommon(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}
