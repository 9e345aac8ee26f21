import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { findCommonGround } from '../../decide/commonGround.ts';
import type { CandidateInput, DecisionInput } from '../../decide/inputs.ts';
import { representativeRuns } from '../../decide/runs.ts';
import type { Candidate } from '../../config/study.ts';
import type { StoreListing } from '../../store/store.ts';
import { matchRecords, type Matched } from './matchRecords.ts';
import { prepareCandidates, preprocessingOf, type PreparedCandidate } from './prepare.ts';
import { readPredictions } from './readPredictions.ts';
import { readAggregated } from './readSamples.ts';
import type { Session, Subjects } from './session.ts';
import { findStudyImages } from './studyImages.ts';

/**
 * Everything the store holds for a decision on this study.
 *
 * @param subjects the models, images and host as they are now, where the command has read them: then
 *   exactly the records with their keys count
 */
export async function gatherRecords(session: Session, subjects?: Subjects): Promise<DecisionInput> {
  const { study, store } = session;
  const listing = await store.list();
  const images = await findStudyImages(session, listing, subjects);
  const bare: CandidateInput[] = [];
  for (const candidate of study.candidates) {
    const prepared =
      subjects?.candidates.find((entry) => entry.candidate.id === candidate.id) ??
      (await prepareIfPresent(session, candidate));
    const matched = matchRecords(session, candidate, prepared, listing, { images, subjects });
    bare.push(describeCandidate(session, candidate, prepared, matched));
  }
  const ground = findCommonGround(bare, study.file.benchmarking.threads);
  const candidates = await Promise.all(bare.map((candidate) => readRaw(session, candidate, ground.hostClass)));
  return {
    study: study.file,
    candidates,
    dataset: subjects?.dataset.audit ?? (await readCommonDataset(session, candidates, ground.dataFingerprint)),
    warnings: [
      ...unreadableRecords(listing),
      ...images.warnings,
      ...study.unused.map((message) => ({ code: 'unused_key', message })),
    ],
    overrides: study.overrides,
    unstated: study.unstated,
    toolVersion: session.toolVersion,
    studyFile: basename(study.path),
  };
}

function unreadableRecords({ problems }: StoreListing): DecisionInput['warnings'] {
  return problems.map((message) => ({ code: 'unreadable_record', message }));
}

function describeCandidate(
  session: Session,
  candidate: Candidate,
  prepared: PreparedCandidate | undefined,
  { latencyRecords, evaluation, warnings }: Matched,
): CandidateInput {
  const { card } = candidate;
  const any = latencyRecords.at(-1) ?? evaluation;
  const model = prepared?.model ?? any?.model;
  const backbone = card.backbone ?? candidate.id;
  return {
    id: candidate.id,
    backbone,
    trialName: card.trialName ?? candidate.id,
    option: candidate.option,
    status: candidate.status,
    claims: candidate.claims,
    claimsSource: candidate.claimsSource,
    model,
    inputSize: prepared?.inputSize ?? any?.input_size,
    trainedInputSize: card.trainedInputSize,
    classes: card.classes,
    preprocessing: preprocessingOf(candidate),
    openQuestions: card.openQuestions,
    latencyRecords,
    samples: new Map(),
    evaluation,
    predictions: undefined,
    parameters:
      model?.parameter_count ?? card.parameters ?? new Map(Object.entries(session.study.file.parameters)).get(backbone),
    warnings: [...(prepared?.warnings ?? []), ...warnings],
  };
}

async function prepareIfPresent(session: Session, candidate: Candidate): Promise<PreparedCandidate | undefined> {
  const present = await access(candidate.card.modelPath).then(
    () => true,
    () => false,
  );
  return present ? (await prepareCandidates(session.study, [candidate]))[0] : undefined;
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
      runs === undefined ? new Map() : new Map([[runs.representative.record_id, await readAggregated(store, runs)]]),
    predictions: evaluation?.status === 'finished' ? await readPredictions(store, evaluation) : undefined,
  };
}

/** The audit of the images that most candidates were evaluated on. */
async function readCommonDataset(
  session: Session,
  candidates: readonly CandidateInput[],
  fingerprint: string | undefined,
) {
  const newest = candidates
    .flatMap(({ evaluation }) =>
      evaluation?.status === 'finished' && evaluation.data_fingerprint === fingerprint ? [evaluation] : [],
    )
    .toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1))
    .at(-1);
  return newest === undefined ? undefined : await session.store.readDataset(newest);
}
