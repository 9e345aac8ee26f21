import { join } from 'node:path';
import type { MlflowExperiment } from '../../records/mlflow.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { SyncLedger } from '../../store/mlflow/ledger.ts';
import { TrackingError } from '../../store/mlflow/trackingError.ts';
import { syncRecords, type SyncReport } from '../../store/mlflow/sync.ts';
import { withLock } from '../../store/lockFile.ts';
import type { RunStore } from '../../store/store.ts';
import type { Io } from '../io.ts';
import type { Progress } from '../progress.ts';
import { syncItems, type SyncedStudy } from './syncItems.ts';
import { findOrMakeExperiment, type SyncTarget } from './syncTarget.ts';

/** How long a sync waits for another one of the same store, server and experiment. */
const LOCK_WAIT_MS = 30_000;

export interface SyncScope {
  /** Candidate ids; empty means all, and the decision. */
  readonly only: readonly string[];
  /** Whether the server is asked about every record, also those that the ledger has as done. */
  readonly verify: boolean;
}

/** What a sync did, and what it left out. */
export interface SyncOutcome extends SyncReport {
  readonly experimentId: string;
  /** Records that the ledger has as done; the server was not asked. */
  readonly inLedger: number;
  readonly notes: readonly string[];
}

/**
 * Brings a study's records and its decision to the tracking server, each exactly once.
 *
 * @throws TrackingError when the server does not even answer for the experiment
 * @throws BeltbenchError `tracking_server` when another sync of the same store does not end,
 *   `cannot_write` when the ledger cannot be written, `interrupted` after Ctrl-C
 */
export async function syncStudy(
  study: SyncedStudy,
  store: RunStore,
  target: SyncTarget,
  { only, verify }: SyncScope,
  { io, progress }: { io: Io; progress: Progress },
): Promise<SyncOutcome> {
  const experiment = await experimentOf(target);
  const ledger = await SyncLedger.open(store.dir, target.client.server, experiment);
  const outcome = await withLock(join(ledger.dir, 'lock'), LOCK_WAIT_MS, async () => {
    await ledger.reload();
    const { items, notes } = await syncItems(study, store, target, only);
    const open = verify ? items : items.filter(({ recordId }) => !ledger.has(recordId));
    const report = await syncRecords({
      client: target.client,
      experiment,
      ledger,
      items: open,
      goesOn: (done) => {
        progress.show({ subject: target.experimentName, phase: 'sync', done, total: open.length });
        return !io.interrupted.aborted;
      },
    });
    return { ...report, experimentId: experiment.id, inLedger: items.length - open.length, notes };
  });
  progress.clear();
  if (outcome === undefined) {
    throw new BeltbenchError(
      'tracking_server',
      `another beltbench is syncing this store to ${target.client.server.uri} (${join(ledger.dir, 'lock')}); run \`beltbench sync\` when it has ended`,
    );
  }
  if (io.interrupted.aborted && outcome.left > 0) {
    throw new BeltbenchError(
      'interrupted',
      `interrupted; ${outcome.left} records are left: run \`beltbench sync\` again to go on`,
    );
  }
  return outcome;
}

async function experimentOf(target: SyncTarget): Promise<MlflowExperiment> {
  try {
    return await findOrMakeExperiment(target);
  } catch (thrown) {
    throw thrown instanceof TrackingError
      ? new TrackingError(
          thrown.trouble,
          `${thrown.message}; nothing is lost, all is in the file store: run \`beltbench sync\` again`,
          { cause: thrown },
        )
      : thrown;
  }
}
