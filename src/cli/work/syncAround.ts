import { BeltbenchError } from '../../shared/errors.ts';
import { pullRecord, type WantedRecord } from '../../store/mlflow/pull.ts';
import { TrackingError } from '../../store/mlflow/trackingError.ts';
import type { ParsedArgs } from '../io.ts';
import { latencyKeyOf, predictionsKeyOf } from './identity.ts';
import type { Session, Subjects } from './session.ts';
import { syncStudy } from './syncStudy.ts';
import { describeSync, troubleOf } from './syncText.ts';
import { findExperiment, syncTarget, type SyncTarget } from './syncTarget.ts';

/**
 * The server of `--store mlflow`, before anything is measured.
 *
 * @returns `undefined` for the file store alone
 * @throws BeltbenchError `bad_usage` when nothing names a server
 */
export function storeTarget(args: ParsedArgs, session: Session): SyncTarget | undefined {
  return args.store === 'mlflow' ? syncTarget(args, session.study.file) : undefined;
}

/**
 * Fetches from the server the finished records that the file store lacks and that would otherwise be
 * measured. A server that cannot be used is said, and nothing else: then they are measured.
 */
export async function fetchReusable(
  session: Session,
  subjects: Subjects,
  target: SyncTarget | undefined,
  kinds: readonly WantedRecord['kind'][],
): Promise<void> {
  if (target === undefined || session.study.file.run.mode !== 'reuse_if_exists') {
    return;
  }
  const { store, progress } = session;
  try {
    const experiment = await findExperiment(target);
    if (experiment === undefined) {
      return;
    }
    for (const wanted of await lacking(session, subjects, kinds)) {
      const pulled = await pullRecord(target.client, experiment, store, wanted);
      if (pulled !== undefined && 'problem' in pulled) {
        progress.note(`note: run ${pulled.runId} has the key of ${wanted.id} and cannot be reused: ${pulled.problem}`);
      } else if (pulled !== undefined) {
        progress.note(`${wanted.id}: fetched ${pulled.recordId} from ${target.client.server.uri}`);
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof TrackingError)) {
      throw thrown;
    }
    progress.note(`note: nothing is reused from the tracking server: ${thrown.message}`);
  }
}

async function lacking(
  session: Session,
  subjects: Subjects,
  kinds: readonly WantedRecord['kind'][],
): Promise<(WantedRecord & { id: string })[]> {
  const { latency, evaluations } = await session.store.list();
  const stored = new Set([
    ...latency.filter(({ status }) => status === 'finished').map((record) => record.benchmark_key),
    ...evaluations.filter(({ status }) => status === 'finished').map((record) => record.predictions_key),
  ]);
  const wanted = subjects.candidates.flatMap((prepared) =>
    kinds.map((kind) => ({
      id: prepared.candidate.id,
      kind,
      key:
        kind === 'latency'
          ? latencyKeyOf(session, subjects, prepared).benchmarkKey
          : predictionsKeyOf(session, subjects, prepared),
    })),
  );
  return wanted.filter(({ key }) => !stored.has(key));
}

/**
 * Syncs at the end of a command. What goes wrong is told in one line and is no part of the command's
 * answer: every record is in the file store, and `beltbench sync` catches up.
 */
export async function syncAtEnd(session: Session, target: SyncTarget | undefined, args: ParsedArgs): Promise<void> {
  if (target === undefined) {
    return;
  }
  const { study, store, progress } = session;
  try {
    const outcome = await syncStudy(study, store, target, { only: args.only, verify: false }, session);
    const trouble = troubleOf(outcome);
    if (trouble !== undefined) {
      progress.note(`not synced: ${trouble}`);
    } else if (!args.quiet) {
      progress.note(describeSync(target, outcome));
    }
  } catch (thrown) {
    if (!(thrown instanceof BeltbenchError) || thrown.code === 'interrupted') {
      throw thrown;
    }
    progress.note(`not synced: ${thrown.message}`);
  }
}
