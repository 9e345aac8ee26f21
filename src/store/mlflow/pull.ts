import { check } from '../../config/problems.ts';
import { datasetAuditSchema } from '../../records/dataset.ts';
import { latencySamplesSchema } from '../../records/latency.ts';
import type { MlflowExperiment, MlflowRun } from '../../records/mlflow.ts';
import { predictionsSchema } from '../../records/predictions.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { parseRecord, type AnyRecord, type Checked } from '../parseRecord.ts';
import type { RawFiles, RunStore } from '../store.ts';
import type { MlflowClient } from './client.ts';
import { FINISHED, tagEquals } from './filter.ts';
import { parseJson } from './http.ts';
import { BENCHMARK_KEY_TAG, PREDICTIONS_KEY_TAG } from './tagNames.ts';

/** Which record is wanted: its kind, and the key under which it may be reused. */
export interface WantedRecord {
  readonly kind: 'latency' | 'evaluation';
  readonly key: string;
}

/** A record that was fetched into the file store, or why a run with its key could not be. */
export type Pulled = { readonly recordId: string } | { readonly runId: string; readonly problem: string };

const TAGS = { latency: BENCHMARK_KEY_TAG, evaluation: PREDICTIONS_KEY_TAG } as const;

/**
 * Fetches the newest finished record of a key from a tracking server into the file store, with its
 * raw files. What the server gives is parsed as strictly as what lies on disk.
 *
 * @returns `undefined` where no run has the key
 * @throws TrackingError when the server does not do what is asked
 */
export async function pullRecord(
  client: MlflowClient,
  experiment: MlflowExperiment,
  store: RunStore,
  wanted: WantedRecord,
): Promise<Pulled | undefined> {
  const runs = await client.searchRuns({
    experimentId: experiment.id,
    filter: `${tagEquals(TAGS[wanted.kind], wanted.key)} and ${FINISHED}`,
    orderBy: ['attributes.start_time DESC'],
  });
  let last: Pulled | undefined;
  for (const run of runs) {
    const fetched = await fetchRecord(client, run, wanted);
    const saved = fetched.ok ? await save(store, fetched.value) : fetched;
    if (saved.ok) {
      return { recordId: saved.value };
    }
    last ??= { runId: run.runId, problem: saved.problem };
  }
  return last;
}

interface Fetched {
  readonly record: AnyRecord;
  readonly raw: RawFiles;
}

/** Its id may be no plain name, or one that the store has; then it is measured here. */
async function save(store: RunStore, { record, raw }: Fetched): Promise<Checked<string>> {
  try {
    await store.write(record, raw);
    return { ok: true, value: record.record_id };
  } catch (thrown) {
    if (thrown instanceof BeltbenchError) {
      return { ok: false, problem: thrown.message };
    }
    throw thrown;
  }
}

async function fetchRecord(client: MlflowClient, run: MlflowRun, wanted: WantedRecord): Promise<Checked<Fetched>> {
  const content = await fetchJson(client, run, 'record.json');
  if (content === undefined) {
    return { ok: false, problem: 'it holds no record.json' };
  }
  const parsed = parseRecord(content);
  if (!parsed.ok) {
    return parsed;
  }
  const record = parsed.value;
  if (!isWanted(record, wanted)) {
    return { ok: false, problem: `its record.json is no finished ${wanted.kind} record of that key` };
  }
  const raw = await fetchRaw(client, run, wanted.kind);
  return raw.ok ? { ok: true, value: { record, raw: raw.value } } : raw;
}

function isWanted(record: AnyRecord, { kind, key }: WantedRecord): boolean {
  return record.schema === 'beltbench/latency'
    ? kind === 'latency' && record.benchmark_key === key && record.status === 'finished'
    : record.schema === 'beltbench/evaluation' &&
        kind === 'evaluation' &&
        record.predictions_key === key &&
        record.status === 'finished';
}

async function fetchRaw(client: MlflowClient, run: MlflowRun, kind: WantedRecord['kind']): Promise<Checked<RawFiles>> {
  if (kind === 'latency') {
    const samples = check(latencySamplesSchema, await fetchJson(client, run, 'samples.json'));
    return samples.ok ? { ok: true, value: { 'samples.json': samples.value } } : missing('samples.json', samples);
  }
  const predictions = check(predictionsSchema, await fetchJson(client, run, 'predictions.json'));
  const audit = check(datasetAuditSchema, await fetchJson(client, run, 'dataset.json'));
  if (!predictions.ok) {
    return missing('predictions.json', predictions);
  }
  return audit.ok
    ? { ok: true, value: { 'predictions.json': predictions.value, 'dataset.json': audit.value } }
    : missing('dataset.json', audit);
}

function missing(file: string, { problem }: { problem: string }): Checked<never> {
  return { ok: false, problem: `its ${file} is missing or not as beltbench writes it: ${problem}` };
}

async function fetchJson(client: MlflowClient, run: MlflowRun, name: string): Promise<unknown> {
  const bytes = await client.downloadArtifact(run, name);
  return bytes === undefined ? undefined : parseJson(Buffer.from(bytes).toString('utf8'));
}
