import { BeltbenchError } from '../../shared/errors.ts';
import { countOf } from '../../shared/units.ts';
import { pullRecords, type Pulled, type WantedRecord } from '../../store/mlflow/pull.ts';
import type { CommonArgs } from '../io.ts';
import { latencyKeyOf, predictionsKeyOf } from './identity.ts';
import type { Session, Subjects } from './session.ts';
import { syncStudy } from './syncStudy.ts';
import { describeSync, troubleOf } from '../syncText.ts';
import { findExperiment, syncTarget, type SyncTarget, type TrackingArgs } from './syncTarget.ts';

/** The flags that say where records are reused from, and go to. */
export interface StoreArgs extends TrackingArgs {
  readonly store: 'file' | 'mlflow';
}

/**
 * The server of `--store mlflow`, before anything is measured.
 *
 * @returns `undefined` for the file store alone
 * @throws BeltbenchError `bad_usage` when nothing names a server
 */
export function storeTarget(args: StoreArgs, session: Session): SyncTarget | undefined {
  return args.store === 'mlflow' ? syncTarget(args, session.study.file, session.io.env) : undefined;
}

/**
 * Fetches from the server the finished records that the file store lacks: several latencies of one
 * key are one candidate. A server that cannot be used is said, and nothing else: then is measured
 * what the store has not.
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
    const have = await store.list();
    for (const { id, ...wanted } of wantedRecords(session, subjects, kinds)) {
      const pulled = await pullRecords(target.client, experiment, store, have, wanted);
      for (const line of describePulled(id, target.client.server.uri, pulled)) {
        progress.note(line);
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof BeltbenchError) || thrown.code === 'interrupted') {
      throw thrown;
    }
    progress.note(`note: nothing is reused from the tracking server: ${thrown.message}`);
  }
}

/** Each key once: candidates of the same file and settings share it. */
function wantedRecords(
  session: Session,
  subjects: Subjects,
  kinds: readonly WantedRecord['kind'][],
): (WantedRecord & { id: string })[] {
  const all = subjects.candidates.flatMap((prepared) =>
    kinds.map((kind) => ({
      id: prepared.candidate.id,
      kind,
      key:
        kind === 'latency'
          ? latencyKeyOf(session, subjects, prepared).benchmarkKey
          : predictionsKeyOf(session, subjects, prepared),
    })),
  );
  return [...new Map(all.toReversed().map((each) => [`${each.kind} ${each.key}`, each])).values()].toReversed();
}

function describePulled(id: string, uri: string, pulled: readonly Pulled[]): string[] {
  const unusable = pulled.filter((each) => 'problem' in each);
  const [first] = unusable;
  return [
    ...pulled.flatMap((each) => ('recordId' in each ? [`${id}: fetched ${each.recordId} from ${uri}`] : [])),
    ...(first === undefined
      ? []
      : [
          `note: ${countOf(unusable.length, 'run')} with the key of ${id} cannot be reused, such as ${first.runId}: ${first.problem}`,
        ]),
  ];
}

/**
 * Syncs at the end of a command. What goes wrong is told in one line and is no part of the command's
 * answer: every record is in the file store, and `beltbench sync` catches up.
 */
export async function syncAtEnd(session: Session, target: SyncTarget | undefined, args: CommonArgs): Promise<void> {
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
