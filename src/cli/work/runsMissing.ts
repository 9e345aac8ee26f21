import { splitFingerprint } from '../../datasets/splitFingerprint.ts';
import { probeHostClass } from '../../measure/host.ts';
import { planRounds, spreadIterations } from '../../measure/inputs.ts';
import { SETTLE_ITERATIONS, STAGE_ITERATIONS } from '../../measure/latency.ts';
import type { LatencyRecord } from '../../records/latency.ts';
import type { EvaluationRecord } from '../../records/predictions.ts';
import { countOf } from '../../shared/units.ts';
import { hashOf } from '../../store/hash.ts';
import { evaluationHash } from '../../store/keys.ts';
import { latencyKeyOf, predictionsKeyOf, type KeySubjects } from './identity.ts';
import { isInterrupted, journalOf } from './interrupted.ts';
import { prepareCandidates, preprocessingOf, type PreparedCandidate } from './prepare.ts';
import type { Session } from './session.ts';

/** One measurement or evaluation of a study, and whether `run` would have to make it. */
export interface Need {
  readonly kind: 'latency' | 'evaluation';
  readonly candidate: string;
  readonly key: string;
  /** The record that would be reused; `null` where it is missing. */
  readonly record_id: string | null;
  /** Why it is missing. */
  readonly reason: string | null;
  /** What making it takes, by earlier records of the model; `null` where there is none, or nothing is missing. */
  readonly seconds: number | null;
}

/** What `run` would find in the store, and what it would have to make, candidate by candidate. */
export async function findNeeds(session: Session): Promise<Need[]> {
  const { study, store } = session;
  const { root: _root, split, classes } = study.file.dataset;
  const candidates = await prepareCandidates(study);
  const { fingerprint, images } = await splitFingerprint(study.datasetRoot, split, classes);
  const now: KeySubjects = { dataset: { audit: { fingerprint } }, hostClass: await probeHostClass() };
  const { latency, evaluations } = await store.list();
  const needs: Need[] = [];
  for (const prepared of candidates) {
    needs.push(await latencyNeed(session, now, prepared, latency));
    needs.push(evaluationNeed(session, now, prepared, evaluations, images));
  }
  return needs;
}

async function latencyNeed(
  session: Session,
  now: KeySubjects,
  prepared: PreparedCandidate,
  records: readonly LatencyRecord[],
): Promise<Need> {
  const { benchmarkKey: key, keyParts } = latencyKeyOf(session, now, prepared);
  const ofKey = records.filter((record) => record.benchmark_key === key);
  const need = { kind: 'latency', candidate: prepared.candidate.id, key } as const;
  const journal = await journalOf(session, prepared, key).read();
  const goesOn = session.study.file.run.mode === 'reuse_if_exists' && isInterrupted(journal, ofKey);
  const stored = goesOn ? undefined : reusable(session, ofKey);
  if (stored !== undefined) {
    return { ...need, record_id: stored.record_id, reason: null, seconds: null };
  }
  const planned = planRounds(session.study.file.benchmarking).length;
  const taken = goesOn ? journal.rounds.length : 0;
  const last = newestOf(prepared, records);
  const reason =
    whyNotReused(session, ofKey) ??
    (goesOn ? `interrupted after ${taken} of ${countOf(planned, 'round')}` : undefined) ??
    (last === undefined ? 'not measured yet' : changed(KEY_PARTS, keyParts, last.key_parts));
  return {
    ...need,
    record_id: null,
    reason,
    seconds: latencySeconds(session, prepared, records, 1 - taken / planned),
  };
}

function evaluationNeed(
  session: Session,
  now: KeySubjects,
  prepared: PreparedCandidate,
  records: readonly EvaluationRecord[],
  images: number,
): Need {
  const key = predictionsKeyOf(session, now, prepared);
  const ofKey = records.filter((record) => record.predictions_key === key);
  const need = { kind: 'evaluation', candidate: prepared.candidate.id, key } as const;
  const stored = reusable(session, ofKey);
  if (stored !== undefined) {
    return { ...need, record_id: stored.record_id, reason: null, seconds: null };
  }
  const last = newestOf(prepared, records);
  const { card } = prepared.candidate;
  const parts = {
    model: prepared.model.sha256,
    data: now.dataset.audit.fingerprint,
    evaluation: evaluationHash({ preprocessing: preprocessingOf(prepared.candidate), inputSize: prepared.inputSize }),
    classes: hashOf(card.classes),
    outputs: card.outputs,
    runtime: session.runtime,
    isa: hashOf(now.hostClass.isa),
  };
  const reason =
    whyNotReused(session, ofKey) ??
    (last === undefined ? 'not evaluated yet' : changed(PREDICTIONS_PARTS, parts, partsOf(last)));
  const speed = records.findLast(
    ({ status, model, images_per_second: perSecond }) =>
      status === 'finished' && model.sha256 === prepared.model.sha256 && perSecond !== null,
  )?.images_per_second;
  return { ...need, record_id: null, reason, seconds: typeof speed === 'number' ? images / speed : null };
}

/** The newest finished record, as `measure` and `evaluate` take it. */
function reusable<T extends LatencyRecord | EvaluationRecord>({ study }: Session, ofKey: readonly T[]): T | undefined {
  return study.file.run.mode === 'reuse_if_exists' ? ofKey.findLast(({ status }) => status === 'finished') : undefined;
}

function whyNotReused({ study }: Session, ofKey: readonly (LatencyRecord | EvaluationRecord)[]): string | undefined {
  if (study.file.run.mode === 'force_new') {
    return '`run.mode` is force_new';
  }
  const failure = ofKey.at(-1)?.failure ?? undefined;
  return failure === undefined ? undefined : `the last try failed: ${failure}`;
}

/** Of this model file or, before the file changed, of the candidate's name. */
function newestOf<T extends LatencyRecord | EvaluationRecord>(
  { candidate, model }: PreparedCandidate,
  records: readonly T[],
): T | undefined {
  const finished = records.filter(({ status }) => status === 'finished');
  return (
    finished.findLast((record) => record.model.sha256 === model.sha256) ??
    finished.findLast((record) => record.candidate_id === candidate.id)
  );
}

const KEY_PARTS: Record<keyof LatencyRecord['key_parts'], string> = {
  model: 'the model file',
  data: 'the images',
  evaluation: 'preprocessing or input size',
  benchmark_config: 'settings or runtime',
  host_class: 'the host',
};

const PREDICTIONS_PARTS = {
  model: 'the model file',
  data: 'the images',
  evaluation: 'preprocessing or input size',
  classes: 'the classes',
  outputs: '`outputs`',
  runtime: 'the runtime',
  isa: "the host's instruction sets",
};

function partsOf(record: EvaluationRecord): Record<keyof typeof PREDICTIONS_PARTS, string> {
  return {
    model: record.model.sha256,
    data: record.data_fingerprint,
    evaluation: evaluationHash({ preprocessing: record.preprocessing, inputSize: record.input_size }),
    classes: hashOf(record.classes),
    outputs: record.outputs,
    runtime: record.runtime,
    isa: hashOf(record.isa),
  };
}

function changed<Part extends string>(
  names: Readonly<Record<Part, string>>,
  now: Readonly<Record<Part, string>>,
  then: Readonly<Record<Part, string>>,
): string {
  const parts = (Object.keys(names) as Part[]).filter((part) => now[part] !== then[part]).map((part) => names[part]);
  return `changed since the newest record: ${parts.join(', ')}`;
}

/** Every inference that a measurement makes, at the pace of the model's newest record, with these threads if there is one. */
function latencySeconds(
  { study }: Session,
  { model }: PreparedCandidate,
  records: readonly LatencyRecord[],
  share: number,
): number | null {
  const { batch_sizes: sizes, iterations, warmup_iterations: warmup, rounds, threads } = study.file.benchmarking;
  const own = records.filter((record) => record.model.sha256 === model.sha256 && record.batch_1 !== null);
  const known = own.findLast((record) => record.settings.threads === threads) ?? own.at(-1);
  const batch1Ms = known?.batch_1?.mean_ms;
  if (known === undefined || batch1Ms === undefined) {
    return null;
  }
  const perRound = spreadIterations(iterations, rounds).length * SETTLE_ITERATIONS;
  const ms = sizes.reduce((sum, size) => {
    const once = size === 1 ? batch1Ms : (known.other_batches[`batch_${size}`]?.mean_ms ?? size * batch1Ms);
    const staged = size === 1 ? spreadIterations(iterations, rounds).length * STAGE_ITERATIONS : 0;
    return sum + once * (1 + warmup + (iterations + perRound + staged) * share);
  }, 0);
  return ms / 1000;
}
