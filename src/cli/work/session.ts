import { loadStudy, type Overrides, type Study } from '../../config/study.ts';
import type { AuditedDataset } from '../../datasets/audit.ts';
import type { HostClass } from '../../records/host.ts';
import type { LatencyRecord } from '../../records/latency.ts';
import { runtimeVersion } from '../../runtime/versions.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { studyKeyHash, trialKeyHash } from '../../store/keys.ts';
import { RunStore } from '../../store/store.ts';
import type { CommonArgs, Io } from '../io.ts';
import { Progress } from '../progress.ts';
import { toolVersion } from '../version.ts';
import { prepareCandidates, preprocessingOf, type PreparedCandidate } from './prepare.ts';

/** What a command works on: the study, its store, and what this machine is. */
export interface Session {
  readonly study: Study;
  readonly store: RunStore;
  readonly io: Io;
  readonly progress: Progress;
  readonly toolVersion: string;
  readonly runtime: string;
}

/** The study's models, images and host, read once per command. */
export interface Subjects {
  readonly candidates: readonly PreparedCandidate[];
  readonly dataset: AuditedDataset;
  readonly hostClass: HostClass;
}

/** What the commands that measure are called with. */
export interface MeasuringArgs extends CommonArgs {
  readonly threads: number | undefined;
  readonly forceNew: boolean;
}

export async function openSession(args: CommonArgs & Overrides, io: Io): Promise<Session> {
  const study = await loadStudy(args.study, args);
  const store = new RunStore(study.reportsDir);
  return { study, store, io, progress: new Progress(io, args), toolVersion: toolVersion(), runtime: runtimeVersion() };
}

/** Audits models and images; every mistake of the user shows here, before the first measurement. */
export async function readSubjects(session: Session): Promise<Subjects> {
  return await readSubjectsOf(session, await prepareCandidates(session.study));
}

/** The same for candidates that are prepared already. */
export async function readSubjectsOf(session: Session, candidates: readonly PreparedCandidate[]): Promise<Subjects> {
  const { study, progress } = session;
  const { split, classes, target_class: targetClass } = study.file.dataset;
  // Loaded here, because the commands that only read records need neither, and both take their time.
  const { auditDataset } = await import('../../datasets/audit.ts');
  const { probeHostClass } = await import('../../measure/host.ts');
  const dataset = await auditDataset({ root: study.datasetRoot, split, classes, targetClass }, (done, total) =>
    progress.show({ subject: split, phase: 'audit images', done, total }),
  );
  progress.clear();
  return { candidates, dataset, hostClass: await probeHostClass() };
}

/** What every record of a candidate says of whom it is about. */
export function subjectOf(
  session: Session,
  { candidate, model, inputSize, backbone, trialName }: PreparedCandidate,
): Pick<
  LatencyRecord,
  | 'story'
  | 'candidate_id'
  | 'backbone'
  | 'trial_name'
  | 'study_key_hash'
  | 'trial_key_hash'
  | 'notice'
  | 'tool_version'
  | 'model'
  | 'preprocessing'
  | 'input_size'
  | 'trained_input_size'
  | 'open_questions'
> {
  const { file } = session.study;
  return {
    story: file.story,
    candidate_id: candidate.id,
    backbone,
    trial_name: trialName,
    study_key_hash: studyKeyHash(file.story, file.dataset.root, file.dataset.split),
    trial_key_hash: trialKeyHash(candidate.id),
    notice: file.notice ?? null,
    tool_version: session.toolVersion,
    model,
    preprocessing: preprocessingOf(candidate),
    input_size: inputSize,
    trained_input_size: candidate.card.trainedInputSize ?? null,
    open_questions: candidate.card.openQuestions.map(({ key }) => key),
  };
}

/** @throws BeltbenchError `interrupted` after Ctrl-C; what was saved is reused by the next run */
export function assertNotInterrupted(io: Io): void {
  if (io.interrupted.aborted) {
    throw new BeltbenchError(
      'interrupted',
      'interrupted; what was finished is saved: run the same command again to go on, without --force-new and with `run.mode: reuse_if_exists`',
    );
  }
}
