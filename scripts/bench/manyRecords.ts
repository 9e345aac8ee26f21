import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { latencyKeyOf, predictionsKeyOf } from '../../src/cli/work/identity.ts';
import { latencySettingsOf } from '../../src/cli/work/latencyRecords.ts';
import type { PreparedCandidate } from '../../src/cli/work/prepare.ts';
import { recordId } from '../../src/cli/work/recordNames.ts';
import { subjectOf, type Session, type Subjects } from '../../src/cli/work/session.ts';
import { recallDemand } from '../../src/decide/demands.ts';
import { sweepPredictions } from '../../src/decide/sweep.ts';
import { countAnswers } from '../../src/measure/evaluate.ts';
import { probeHostState } from '../../src/measure/host.ts';
import { summarizeBatches } from '../../src/measure/summary.ts';
import type { HostState } from '../../src/records/host.ts';
import type { LatencyRecord, LatencySamples } from '../../src/records/latency.ts';
import type { EvaluationRecord, Predictions } from '../../src/records/predictions.ts';
import type { SweepRecord } from '../../src/records/sweep.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { hashOf } from '../../src/store/hash.ts';
import { parseRecord, type AnyRecord } from '../../src/store/parseRecord.ts';
import type { RawFiles } from '../../src/store/store.ts';

/** Of the study's settings and of so many others, in turn: what years of trying leave behind. */
const SETTINGS = 20;
const FIRST_START = Date.UTC(2026, 0, 1);
/** Records as near to the end as this have raw files of full length: they are what a decision reads. */
const FULL_LENGTH = 100;

/**
 * Fills a session's store with `count` valid records of its candidates: six latency records of ten, two
 * evaluations, two sweeps, a minute apart, every twentieth under the keys that hold now. Nothing is measured.
 */
export async function writeManyRecords(session: Session, subjects: Subjects, count: number): Promise<void> {
  const host = await probeHostState({ runtime: session.runtime, beltbench: session.toolVersion });
  const random = mulberry32(1);
  const evaluated = new Map<string, { record: EvaluationRecord; predictions: Predictions }>();
  for (let index = 0; index < count; index += 1) {
    const prepared = subjects.candidates[index % subjects.candidates.length];
    if (prepared === undefined) {
      throw new Error('a store is of at least one candidate');
    }
    const startedAt = new Date(FIRST_START + index * 60_000).toISOString();
    const turn = Math.floor(index / subjects.candidates.length) % SETTINGS;
    const isLong = index >= count - FULL_LENGTH;
    const threads = session.study.file.benchmarking.threads + (isLong ? 0 : turn);
    const state = { ...host, taken_at: startedAt, load_average_1m: random() };
    const maker = {
      session: withThreads(session, threads),
      subjects,
      prepared,
      startedAt,
      host: state,
      random,
      isLong,
    };
    const last = evaluated.get(prepared.candidate.id);
    if (index % 10 < 6 || (index % 10 > 7 && last === undefined)) {
      await save(session, ...latencyOf(maker));
    } else if (index % 10 < 8) {
      const made = evaluationOf(maker);
      evaluated.set(prepared.candidate.id, made);
      await save(session, made.record, {
        'predictions.json': made.predictions,
        'dataset.json': subjects.dataset.audit,
      });
    } else if (last !== undefined) {
      await save(session, sweepOf(maker, last.record, last.predictions));
    }
  }
}

interface Maker {
  readonly session: Session;
  readonly subjects: Subjects;
  readonly prepared: PreparedCandidate;
  readonly startedAt: string;
  readonly host: HostState;
  readonly random: () => number;
  readonly isLong: boolean;
}

function withThreads(session: Session, threads: number): Session {
  const { study } = session;
  const benchmarking = { ...study.file.benchmarking, threads };
  return { ...session, study: { ...study, file: { ...study.file, benchmarking } } };
}

function latencyOf({ session, subjects, prepared, startedAt, host, random, isLong }: Maker): [LatencyRecord, RawFiles] {
  const { benchmarkKey, keyParts } = latencyKeyOf(session, subjects, prepared);
  const settings = latencySettingsOf(session);
  const samples = samplesOf(host, random, startedAt, isLong ? settings.iterations : 20);
  const record: LatencyRecord = {
    schema: 'beltbench/latency',
    version: 1,
    record_id: recordId('latency', prepared.candidate.id, benchmarkKey, startedAt),
    status: 'finished',
    failure: null,
    ...subjectOf(session, prepared),
    benchmark_key: benchmarkKey,
    key_parts: keyParts,
    started_at: startedAt,
    finished_at: startedAt,
    settings,
    host_class: subjects.hostClass,
    host_before: host,
    host_after: host,
    ...summarizeBatches(samples),
    peak_rss_bytes: 3e8,
    inputs: { count: 32, sha256: hashOf('inputs') },
    warnings: [],
  };
  return [record, { 'samples.json': samples }];
}

function samplesOf(host: HostState, random: () => number, at: string, iterations: number): LatencySamples {
  const perRound = iterations / 10;
  return {
    schema: 'beltbench/latency-samples',
    version: 1,
    launches: [{ launch: 1, started_at: at, host, session_create_ms: 100, per_batch: [] }],
    rounds: Array.from({ length: 10 }, (_, index) => ({
      round: index + 1,
      launch: 1,
      batch_size: 1,
      position: 1,
      started_at: at,
      settle_ms: [9],
      samples_ms: Array.from({ length: perRound }, () => 8 + random()),
      start_offsets_ms: Array.from({ length: perRound }, (__, sample) => sample * 9),
      stages: [],
      gc: [],
      idle_cpu_share: 0,
      peak_rss_bytes: 3e8,
      other_cpu_share: 0.01,
    })),
  };
}

function evaluationOf({ session, subjects, prepared, startedAt, random, isLong }: Maker): {
  record: EvaluationRecord;
  predictions: Predictions;
} {
  const { dataset } = session.study.file;
  const classes = [...prepared.candidate.card.classes];
  const images = subjects.dataset.splitImages.slice(0, isLong ? undefined : 20);
  const predictions: Predictions = {
    schema: 'beltbench/predictions',
    version: 1,
    classes,
    ids: images.map(({ id }) => id),
    content_hashes: images.map(({ contentHash }) => contentHash ?? hashOf('unread')),
    labels: images.map(({ className }) => className),
    probabilities: images.map(({ className }) => {
      const right = 0.5 + random() / 2;
      return classes.map((name) => (name === className ? right : (1 - right) / (classes.length - 1)));
    }),
  };
  const key = isLong ? predictionsKeyOf(session, subjects, prepared) : hashOf({ other: startedAt });
  const record: EvaluationRecord = {
    schema: 'beltbench/evaluation',
    version: 1,
    record_id: recordId('evaluation', prepared.candidate.id, key, startedAt),
    status: 'finished',
    failure: null,
    ...subjectOf(session, prepared),
    predictions_key: key,
    data_fingerprint: isLong ? subjects.dataset.audit.fingerprint : hashOf('other images'),
    dataset_root: dataset.root,
    split: dataset.split,
    target_class: dataset.target_class,
    maybe_class: null,
    classes,
    outputs: prepared.candidate.card.outputs,
    started_at: startedAt,
    finished_at: startedAt,
    runtime: session.runtime,
    isa: subjects.hostClass.isa,
    softmax: { applied: true, decided_by: 'card' },
    images: predictions.ids.length,
    ...countAnswers(predictions),
    skipped: [],
    images_per_second: 50,
    warnings: [],
  };
  return { record, predictions };
}

function sweepOf({ session, startedAt }: Maker, evaluation: EvaluationRecord, predictions: Predictions): SweepRecord {
  const { file } = session.study;
  const demand = recallDemand(file);
  const key = hashOf({ sweep: startedAt });
  return {
    schema: 'beltbench/sweep',
    version: 1,
    record_id: recordId('sweep', evaluation.candidate_id, key, startedAt),
    sweep_key: key,
    started_at: startedAt,
    story: file.story,
    notice: null,
    target_class: file.dataset.target_class,
    thresholds: {
      target_recall: demand.targetRecall,
      confidence: demand.confidence,
      max_false_reject_rate: demand.maxFalseRejectRate,
    },
    sweep: sweepPredictions(evaluation, predictions, { target: file.dataset.target_class, maybe: undefined }, demand),
    warnings: [],
  };
}

/** As the store writes them, but not fsynced: ten thousand would take minutes. */
async function save({ store }: Session, record: AnyRecord, raw: RawFiles = {}): Promise<void> {
  const parsed = parseRecord(record);
  if (!parsed.ok) {
    throw new Error(`${record.record_id}: ${parsed.problem}`);
  }
  const folder = join(store.dir, record.record_id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'record.json'), `${JSON.stringify(record, null, 2)}\n`);
  for (const [name, value] of Object.entries(raw)) {
    await writeFile(join(folder, name), `${JSON.stringify(value)}\n`);
  }
}
