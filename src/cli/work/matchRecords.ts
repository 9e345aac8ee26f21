import type { Candidate } from '../../config/study.ts';
import type { Warning } from '../../records/common.ts';
import type { LatencyRecord } from '../../records/latency.ts';
import type { EvaluationRecord } from '../../records/predictions.ts';
import { countOf, shortHash } from '../../shared/units.ts';
import { hashOf } from '../../store/hash.ts';
import { evaluationHash, studyKeyHash, trialKeyHash } from '../../store/keys.ts';
import { contradicts, isLegacy } from '../../store/legacyRecord.ts';
import type { StoreListing } from '../../store/store.ts';
import { benchmarkSettings, latencyKeyOf, predictionsKeyOf } from './identity.ts';
import { preprocessingOf, type PreparedCandidate } from './prepare.ts';
import type { Session, Subjects } from './session.ts';
import { fingerprintOf, type StudyImages } from './studyImages.ts';

/** The records that speak for one candidate. */
export interface Matched {
  /** Oldest first. */
  readonly latencyRecords: readonly LatencyRecord[];
  /** The newest finished one, or the newest failed one. */
  readonly evaluation: EvaluationRecord | undefined;
  readonly warnings: readonly Warning[];
}

type AnyRecord = LatencyRecord | EvaluationRecord;

/** Which model, read which way; the same for a candidate's latency and its predictions. */
interface ModelIdentity {
  readonly sha256: string;
  readonly evaluation: string;
}

/**
 * The records of a candidate's model file, card and settings as they are now. What the candidate was
 * called when they were made does not matter: reuse goes by the key, and so must this.
 */
export function matchRecords(
  session: Session,
  candidate: Candidate,
  prepared: PreparedCandidate | undefined,
  listing: StoreListing,
  { images, subjects }: { readonly images: StudyImages; readonly subjects: Subjects | undefined },
): Matched {
  const model = prepared === undefined ? lastKnownModel(session, candidate, listing, images) : identityOf(prepared);
  const latency = listing.latency.filter((record) => isOfModel(record, model));
  const evaluations = listing.evaluations.filter((record) => isOfModel(record, model));
  const exact = prepared !== undefined && subjects !== undefined ? { prepared, subjects } : undefined;
  const settings = benchmarkSettings(session);
  const config = hashOf(settings);
  const latencyKey = exact && latencyKeyOf(session, exact.subjects, exact.prepared).benchmarkKey;
  const keyed = latency.filter(({ benchmark_key: key, key_parts: parts }) =>
    latencyKey === undefined
      ? parts.benchmark_config === config && images.fingerprints.has(parts.data)
      : key === latencyKey,
  );
  const latencyRecords = keyed.length > 0 ? keyed : legacyRecords(session, candidate, latency, settings);
  const predictionsKey = exact && predictionsKeyOf(session, exact.subjects, exact.prepared);
  const usable = evaluations.filter((record) =>
    predictionsKey === undefined
      ? suitsCard(session, candidate, record) && images.fingerprints.has(record.data_fingerprint)
      : record.predictions_key === predictionsKey,
  );
  return {
    latencyRecords,
    evaluation: usable.findLast(({ status }) => status === 'finished') ?? usable.at(-1),
    warnings: [
      ...(prepared === undefined ? [warnOfMissingModel(model)] : []),
      ...warnOfLegacy(latencyRecords),
      ...leftOut('latency record', latency.length, latencyRecords.length, 'measure'),
      ...leftOut('evaluation', evaluations.length, usable.length, 'evaluate'),
    ],
  };
}

function identityOf({ candidate, model, inputSize }: PreparedCandidate): ModelIdentity {
  return {
    sha256: model.sha256,
    evaluation: evaluationHash({ preprocessing: preprocessingOf(candidate), inputSize }),
  };
}

/**
 * Without the file at hand, the model is the one of the candidate's newest record: one model, not a mix
 * of two, and of this study's story and images, because another study may call another model so.
 */
function lastKnownModel(
  { study }: Session,
  candidate: Candidate,
  listing: StoreListing,
  { fingerprints }: StudyImages,
): ModelIdentity | undefined {
  const newest = [...listing.latency, ...listing.evaluations]
    .filter(
      (record) =>
        record.status === 'finished' &&
        record.candidate_id === candidate.id &&
        record.story === study.file.story &&
        fingerprints.has(fingerprintOf(record)),
    )
    .toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1))
    .at(-1);
  return newest === undefined ? undefined : { sha256: newest.model.sha256, evaluation: evaluationHashOf(newest) };
}

function warnOfMissingModel(model: ModelIdentity | undefined): Warning {
  return {
    code: 'model_missing',
    message:
      model === undefined
        ? 'its model file is not there, and no record of this study and these images is under its name'
        : `its model file is not there: judged by the newest records of this study under its name, of the model ${shortHash(model.sha256)}; nothing shows that it is still that one`,
  };
}

function isOfModel(record: AnyRecord, model: ModelIdentity | undefined): boolean {
  return model !== undefined && record.model.sha256 === model.sha256 && evaluationHashOf(record) === model.evaluation;
}

function evaluationHashOf(record: AnyRecord): string {
  return evaluationHash({ preprocessing: record.preprocessing, inputSize: record.input_size });
}

/** Whether the predictions were made the way that the card says now. */
function suitsCard({ runtime }: Session, { card }: Candidate, record: EvaluationRecord): boolean {
  return (
    record.runtime === runtime && record.outputs === card.outputs && hashOf(record.classes) === hashOf(card.classes)
  );
}

/** Older records without a key, by the hashes of study and trial; a fallback where no key matches (rules.md 2). */
function legacyRecords(
  { study: { file } }: Session,
  { id }: Candidate,
  latency: readonly LatencyRecord[],
  settings: Record<string, unknown>,
): LatencyRecord[] {
  const study = studyKeyHash(file.story, file.dataset.root, file.dataset.split);
  const trial = trialKeyHash(id);
  return latency.filter(
    (record) =>
      isLegacy(record) &&
      record.study_key_hash === study &&
      record.trial_key_hash === trial &&
      !contradicts(record, settings),
  );
}

function warnOfLegacy(records: readonly LatencyRecord[]): Warning[] {
  const legacy = records.filter(isLegacy);
  return legacy.length === 0
    ? []
    : [
        {
          code: 'legacy_record',
          message: `${countOf(legacy.length, 'latency record')} without a benchmark key matched by the hashes of study and trial: nothing proves that the images were the same; run \`beltbench measure\` for a record with a key, which then counts instead`,
        },
      ];
}

function leftOut(what: string, all: number, matching: number, command: string): Warning[] {
  return all > 0 && matching === 0
    ? [
        {
          code: 'settings_changed',
          message: `${countOf(all, what)} of this model left out: made with other settings, images or card than now; run \`beltbench ${command}\``,
        },
      ]
    : [];
}
