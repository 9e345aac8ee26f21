import { check } from '../../config/problems.ts';
import { datasetAuditSchema } from '../../records/dataset.ts';
import { latencySamplesSchema } from '../../records/latency.ts';
import type { MlflowExperiment, MlflowRun } from '../../records/mlflow.ts';
import { predictionsSchema } from '../../records/predictions.ts';
import { asKnown } from '../../shared/errors.ts';
import { parseRecord, type AnyRecord, type Checked } from '../parseRecord.ts';
import type { RawFiles, RunStore, StoreListing } from '../store.ts';
import type { MlflowClient } from './client.ts';
import { FINISHED, tagEquals } from './filter.ts';
import { parseJson } from './http.ts';
import { BENCHMARK_KEY_TAG, PREDICTIONS_KEY_TAG, RECORD_ID_TAG } from './tagNames.ts';

/** Which record is wanted: its kind, and the key under which it may be reused. */
export interface WantedRecord {
  readonly kind: 'latency' | 'evaluation';
  readonly key: string;
}

/** A record that was fetched into the file store, or why a run with its key could not be. */
export type Pulled = { readonly recordId: string } | { readonly runId: string; readonly problem: string };

const TAGS = { latency: BENCHMARK_KEY_TAG, evaluation: PREDICTIONS_KEY_TAG } as const;

/**
 * Fetches the finished records of a key from a tracking server into the file store, with their raw
 * files, the newest first. Of latencies all that the store lacks, since several runs of one key are
 * one candidate; of evaluations one, and only where the store has none, since they all say the same.
 * What the server gives is parsed as strictly as what lies on disk.
 *
 * @param have what the store held when the command began, so that it is read once for all keys
 * @throws TrackingError when the server does not do what is asked
 */
export async function pullRecords(
  client: MlflowClient,
  experiment: MlflowExperiment,
  store: RunStore,
  have: Pick<StoreListing, 'latency' | 'evaluations'>,
  wanted: WantedRecord,
): Promise<readonly Pulled[]> {
  const { latency, evaluations } = have;
  const isOne = wanted.kind === 'evaluation';
  if (isOne && evaluations.some((record) => isWanted(record, wanted))) {
    return [];
  }
  const known = new Set([...latency, ...evaluations].map(({ record_id: id }) => id));
  const runs = await client.searchRuns({
    experimentId: experiment.id,
    filter: `${tagEquals(TAGS[wanted.kind], wanted.key)} and ${FINISHED}`,
    orderBy: ['attributes.start_time DESC'],
  });
  const pulled: Pulled[] = [];
  for (const run of runs) {
    if (known.has(run.tags.get(RECORD_ID_TAG) ?? '')) {
      continue;
    }
    const outcome = await pullRun(client, run, { store, wanted, known });
    if (outcome === undefined) {
      continue;
    }
    pulled.push(outcome);
    if ('recordId' in outcome) {
      known.add(outcome.recordId);
      if (isOne) {
        break;
      }
    }
  }
  return pulled;
}

/** `undefined` for a run whose record the store has, though its tags do not say so. */
async function pullRun(
  client: MlflowClient,
  run: MlflowRun,
  { store, wanted, known }: { store: RunStore; wanted: WantedRecord; known: ReadonlySet<string> },
): Promise<Pulled | undefined> {
  const found = await fetchRecord(client, run, wanted);
  if (!found.ok) {
    return { runId: run.runId, problem: found.problem };
  }
  const record = found.value;
  if (known.has(record.record_id)) {
    return undefined;
  }
  const raw = await fetchRaw(client, run, wanted.kind);
  const saved = raw.ok ? await save(store, record, raw.value) : raw;
  return saved.ok ? { recordId: record.record_id } : { runId: run.runId, problem: saved.problem };
}

/** Its id may be no plain name, or one that the store has as something else; then it is not used. */
async function save(store: RunStore, record: AnyRecord, raw: RawFiles): Promise<Checked<void>> {
  try {
    return { ok: true, value: await store.write(record, raw) };
  } catch (thrown) {
    return { ok: false, problem: asKnown(thrown).message };
  }
}

async function fetchRecord(client: MlflowClient, run: MlflowRun, wanted: WantedRecord): Promise<Checked<AnyRecord>> {
  const content = await fetchJson(client, run, 'record.json');
  if (content === undefined) {
    return { ok: false, problem: 'it holds no record.json' };
  }
  const parsed = parseRecord(content);
  if (!parsed.ok) {
    return parsed;
  }
  return isWanted(parsed.value, wanted)
    ? parsed
    : { ok: false, problem: `its record.json is no finished ${wanted.kind} record of that key` };
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
