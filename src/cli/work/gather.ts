import { access } from 'node:fs/promises';
import { findCommonGround } from '../../decide/commonGround.ts';
import type { CandidateInput, DecisionInput } from '../../decide/inputs.ts';
import { representativeRuns } from '../../decide/runs.ts';
import type { Candidate } from '../../config/study.ts';
import type { Warning } from '../../records/common.ts';
import type { LatencyRecord } from '../../records/latency.ts';
import type { EvaluationRecord } from '../../records/predictions.ts';
import { hashOf } from '../../store/hash.ts';
import { evaluationHash } from '../../store/keys.ts';
import type { StoreListing } from '../../store/store.ts';
import { benchmarkSettings } from './measureStudy.ts';
import { prepareCandidates, preprocessingOf, type PreparedCandidate } from './prepare.ts';
import type { Session } from './session.ts';

/**
 * Everything the store holds for a decision on this study: per candidate the records of its present
 * model file, card and settings. A candidate whose file is not at hand is judged by its latest record.
 */
export async function gatherRecords(session: Session, presentData?: string): Promise<DecisionInput> {
  const { study, store } = session;
  const listing = await store.list();
  const bare = [];
  for (const candidate of study.candidates) {
    bare.push(await gatherCandidate(session, candidate, listing, presentData));
  }
  const ground = findCommonGround(bare, study.file.benchmarking.threads);
  const candidates = await Promise.all(bare.map((candidate) => readRaw(session, candidate, ground.hostClass)));
  const latest = candidates
    .flatMap(({ evaluation }) =>
      evaluation?.status === 'finished' && evaluation.data_fingerprint === ground.dataFingerprint ? [evaluation] : [],
    )
    .toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1))
    .at(-1);
  return {
    study: study.file,
    candidates,
    dataset: latest === undefined ? undefined : await store.readDataset(latest),
    warnings: [
      ...listing.problems.map((message) => ({ code: 'unreadable_record', message })),
      ...study.unused.map((message) => ({ code: 'unused_key', message })),
    ],
    toolVersion: session.toolVersion,
    studyFile: study.path.split(/[/\\]/).at(-1) ?? study.path,
  };
}

async function gatherCandidate(
  session: Session,
  candidate: Candidate,
  listing: StoreListing,
  presentData: string | undefined,
): Promise<CandidateInput> {
  const prepared = await prepareIfPresent(session, candidate);
  const own = <R extends LatencyRecord | EvaluationRecord>(records: readonly R[]): R[] =>
    records.filter((record) => record.candidate_id === candidate.id && isOfFile(record, prepared));
  const config = hashOf(benchmarkSettings(session));
  const latencyRecords = own(listing.latency).filter((record) => record.key_parts.benchmark_config === config);
  const evaluations = own(listing.evaluations).filter((record) => record.split === session.study.file.dataset.split);
  const evaluation = latestEvaluation(evaluations, candidate.card.classes, presentData);
  const any = latencyRecords.at(-1) ?? evaluation;
  const { card } = candidate;
  const model = prepared?.model ?? any?.model;
  return {
    id: candidate.id,
    backbone: card.backbone ?? candidate.id,
    trialName: card.trialName ?? candidate.id,
    option: candidate.option,
    status: candidate.status,
    claims: candidate.claims,
    claimsSource: candidate.claimsSource,
    model,
    inputSize: prepared?.inputSize ?? any?.input_size,
    trainedInputSize: card.trainedInputSize,
    openQuestions: card.openQuestions.map(({ question }) => question),
    latencyRecords,
    samples: new Map(),
    evaluation,
    predictions: undefined,
    parameters:
      model?.parameter_count ??
      card.parameters ??
      new Map(Object.entries(session.study.file.parameters)).get(card.backbone ?? candidate.id),
    warnings: [
      ...(prepared?.warnings ?? []),
      ...otherSettings(own(listing.latency).length - latencyRecords.length, latencyRecords),
    ],
  };
}

/**
 * The newest finished evaluation whose classes are the card's, of the images that are there now if
 * they were read; else the newest failed one. A record of an earlier class order or of images that
 * have changed back since must not shadow it.
 */
function latestEvaluation(
  records: readonly EvaluationRecord[],
  classes: readonly string[],
  presentData: string | undefined,
): EvaluationRecord | undefined {
  const finished = records.filter(
    ({ status, confusion }) => status === 'finished' && confusion?.classes.join('\0') === classes.join('\0'),
  );
  const failed = records.findLast(({ status }) => status === 'failed');
  return finished.findLast((record) => record.data_fingerprint === presentData) ?? finished.at(-1) ?? failed;
}

async function prepareIfPresent(session: Session, candidate: Candidate): Promise<PreparedCandidate | undefined> {
  const present = await access(candidate.card.modelPath).then(
    () => true,
    () => false,
  );
  return present ? (await prepareCandidates(session.study, [candidate]))[0] : undefined;
}

/** Whether a record was made of the present model file, read the present way. */
function isOfFile(record: LatencyRecord | EvaluationRecord, prepared: PreparedCandidate | undefined): boolean {
  if (prepared === undefined) {
    return true;
  }
  const identity = { preprocessing: preprocessingOf(prepared.candidate), inputSize: prepared.inputSize };
  return (
    record.model.sha256 === prepared.model.sha256 &&
    evaluationHash(identity) === evaluationHash({ preprocessing: record.preprocessing, inputSize: record.input_size })
  );
}

function otherSettings(others: number, matching: readonly LatencyRecord[]): Warning[] {
  return others > 0 && matching.length === 0
    ? [
        {
          code: 'settings_changed',
          message: `${others} latency record(s) were made with other settings than the study has now and do not count; run \`beltbench measure\``,
        },
      ]
    : [];
}

async function readRaw(
  session: Session,
  candidate: CandidateInput,
  hostClass: string | undefined,
): Promise<CandidateInput> {
  const { store, study } = session;
  const runs = representativeRuns(candidate.latencyRecords, study.file, hostClass);
  const { evaluation } = candidate;
  return {
    ...candidate,
    samples:
      runs === undefined
        ? new Map()
        : new Map([[runs.representative.record_id, await store.readSamples(runs.representative)]]),
    predictions: evaluation?.status === 'finished' ? await store.readPredictions(evaluation) : undefined,
  };
}
