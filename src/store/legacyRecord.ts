import { isDeepStrictEqual } from 'node:util';
import type { LatencyRecord } from '../records/latency.ts';
import { isRecord } from '../shared/values.ts';
import { hashOf } from './hash.ts';
import { evaluationHash } from './keys.ts';

const PREFIX = 'legacy_';
/** Stands where an older record does not say; no hash of anything real equals it. */
const UNKNOWN = hashOf('unknown');

/**
 * An older latency record, which has no benchmark key, with the one it groups under,
 * `legacy_<trial hash>` (rules.md 2). Anything else is returned as it is.
 *
 * @param content a record's JSON, not validated yet
 */
export function withLegacyKey(content: unknown): unknown {
  if (!isRecord(content) || content['schema'] !== 'beltbench/latency' || (content['benchmark_key'] ?? null) !== null) {
    return content;
  }
  const unknown = { model: UNKNOWN, data: UNKNOWN, evaluation: UNKNOWN, benchmark_config: UNKNOWN };
  return {
    ...content,
    benchmark_key: `${PREFIX}${String(content['trial_key_hash'])}`,
    key_parts: content['key_parts'] ?? { ...unknown, host_class: UNKNOWN },
  };
}

/** The parts of the key that an older record's own content tells; it may say nothing of its images and settings. */
export function legacyParts(record: LatencyRecord): LatencyRecord {
  const { key_parts: parts, model, preprocessing, input_size: inputSize, host_class: hostClass } = record;
  return parts.host_class === UNKNOWN
    ? {
        ...record,
        key_parts: {
          ...parts,
          model: model.sha256,
          evaluation: evaluationHash({ preprocessing, inputSize }),
          host_class: hashOf(hostClass),
        },
      }
    : record;
}

/** Whether a record was written without a benchmark key. */
export function isLegacy({ benchmark_key: key }: Pick<LatencyRecord, 'benchmark_key'>): boolean {
  return key.startsWith(PREFIX);
}

/** Whether a setting that an older record carries of its own differs from the one it would be measured with now. */
export function contradicts({ settings }: Pick<LatencyRecord, 'settings'>, now: Record<string, unknown>): boolean {
  return Object.entries(settings).some(
    ([key, value]) => Object.hasOwn(now, key) && !isDeepStrictEqual(value, now[key]),
  );
}
