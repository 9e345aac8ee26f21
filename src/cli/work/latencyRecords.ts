import { probeHostState } from '../../measure/host.ts';
import { planRounds } from '../../measure/inputs.ts';
import { summarizeBatches } from '../../measure/summary.ts';
import type { Warning } from '../../records/common.ts';
import type { HostState } from '../../records/host.ts';
import type { LatencyRecord, LatencySamples } from '../../records/latency.ts';
import { sessionOptions } from '../../runtime/session.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import type { LatencyJournal } from '../../store/journal.ts';
import type { latencyKeyOf } from './identity.ts';
import type { PreparedCandidate } from './prepare.ts';
import { recordId } from './recordNames.ts';
import { subjectOf, type Session, type Subjects } from './session.ts';

/** A candidate that is to be measured, under which key, and where its rounds are kept until it is done. */
export interface PlannedMeasurement {
  readonly prepared: PreparedCandidate;
  readonly key: ReturnType<typeof latencyKeyOf>;
  readonly journal: LatencyJournal;
}

export interface SaveContext {
  readonly session: Session;
  readonly subjects: Subjects;
  readonly inputs: LatencyRecord['inputs'];
}

/**
 * Turns a complete journal into a record, and removes it. What the record says of the start is of the
 * first launch that took a round, also when the measurement was interrupted and went on later.
 *
 * @throws BeltbenchError `interrupted` when the journal is not complete: another beltbench took it
 */
export async function saveFinished(context: SaveContext, plan: PlannedMeasurement): Promise<LatencyRecord> {
  const { launches, rounds } = await plan.journal.read();
  const first = launches.find(({ launch }) => rounds.some((round) => round.launch === launch));
  const planned = planRounds(context.session.study.file.benchmarking);
  if (first === undefined || rounds.length !== planned.length) {
    throw new BeltbenchError(
      'interrupted',
      `the rounds of ${plan.prepared.candidate.id} were taken away while it was measured: another beltbench measures the same study; let it end and run again`,
    );
  }
  const samples: LatencySamples = {
    schema: 'beltbench/latency-samples',
    version: 1,
    launches: [...launches],
    rounds: [...rounds],
  };
  const record: LatencyRecord = {
    ...(await commonOf(context, plan, first.host, first.started_at)),
    status: 'finished',
    failure: null,
    ...summarizeBatches(samples),
    peak_rss_bytes: Math.max(...rounds.map((round) => round.peak_rss_bytes)),
    warnings: inputWarnings(context.inputs.count),
  };
  await context.session.store.write(record, { 'samples.json': samples });
  await plan.journal.remove();
  return record;
}

/** The model's failure ends its measurement: the rounds before it are of no record. */
export async function saveFailed(
  context: SaveContext,
  plan: PlannedMeasurement,
  hostBefore: HostState,
  reason: string,
): Promise<LatencyRecord> {
  const record: LatencyRecord = {
    ...(await commonOf(context, plan, hostBefore, hostBefore.taken_at)),
    status: 'failed',
    failure: reason,
    batch_1: null,
    other_batches: {},
    metrics: {},
    peak_rss_bytes: null,
    warnings: [],
  };
  await context.session.store.write(record);
  await plan.journal.remove();
  return record;
}

async function commonOf(
  { session, subjects, inputs }: SaveContext,
  { prepared, key }: PlannedMeasurement,
  hostBefore: HostState,
  startedAt: string,
) {
  const hostAfter = await probeHostState({ runtime: session.runtime, beltbench: session.toolVersion });
  return {
    schema: 'beltbench/latency',
    version: 1,
    record_id: recordId('latency', prepared.candidate.id, key.benchmarkKey, new Date().toISOString()),
    ...subjectOf(session, prepared),
    benchmark_key: key.benchmarkKey,
    key_parts: key.keyParts,
    started_at: startedAt,
    finished_at: hostAfter.taken_at,
    settings: latencySettingsOf(session),
    host_class: subjects.hostClass,
    host_before: hostBefore,
    host_after: hostAfter,
    inputs,
  } as const;
}

/** What a latency is measured with, as its record keeps it. */
export function latencySettingsOf({ study, runtime }: Session): LatencyRecord['settings'] {
  const { batch_sizes, iterations, warmup_iterations, rounds, threads, seed } = study.file.benchmarking;
  return {
    batch_sizes,
    iterations,
    warmup_iterations,
    rounds,
    threads,
    seed,
    session_options: { ...sessionOptions({ threads }) },
    runtime,
  };
}

function inputWarnings(count: number): Warning[] {
  return count < 8
    ? [
        {
          code: 'few_inputs',
          message: `only ${count} different images were fed: repeated inputs can flatter the latency`,
        },
      ]
    : [];
}
