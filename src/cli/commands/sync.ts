import { readStudyFile } from '../../config/studyFile.ts';
import { RunStore } from '../../store/store.ts';
import type { CommonArgs, Io, Outcome } from '../io.ts';
import { printable } from '../printable.ts';
import { Progress } from '../progress.ts';
import { syncStudy } from '../work/syncStudy.ts';
import { describeSync, troubleOf } from '../syncText.ts';
import { syncTarget, type TrackingArgs } from '../work/syncTarget.ts';

export interface SyncArgs extends CommonArgs, TrackingArgs {
  readonly verify: boolean;
}

/** `beltbench sync`: the stored records and the decision to a tracking server, each exactly once. */
export async function runSync(args: SyncArgs, io: Io): Promise<Outcome> {
  const study = await readStudyFile(args.study, { only: args.only });
  const target = syncTarget(args, study.file, io.env);
  const store = new RunStore(study.reportsDir);
  const progress = new Progress(io, args);
  const outcome = await syncStudy(study, store, target, { only: args.only, verify: args.verify }, { io, progress });
  const trouble = troubleOf(outcome);
  const { counts, failed, left, inLedger, notes, withoutArtifacts, unsettled, stoppedBy } = outcome;
  const lines = [
    describeSync(target, outcome),
    ...notes.map((note) => `note: ${note}`),
    ...failed.map(({ record_id: id, reason }) => `${id}: ${reason}`),
  ];
  if (trouble !== undefined) {
    io.stderr(`beltbench: ${printable(trouble)}\n`);
  }
  return {
    document: {
      command: 'sync',
      story: study.file.story,
      tracking_uri: target.client.server.uri,
      experiment: target.experimentName,
      experiment_id: outcome.experimentId,
      written: counts.written,
      repaired: counts.repaired,
      already: counts.already + inLedger,
      deleted: counts.deleted,
      without_artifacts: withoutArtifacts,
      unsettled,
      failed,
      left,
      stopped_by: stoppedBy?.message ?? null,
      notes,
    },
    text: `${lines.map(printable).join('\n')}\n`,
    exitCode: trouble === undefined ? 0 : 2,
  };
}
