import { countOf } from '../shared/units.ts';
import type { SyncOutcome } from './work/syncStudy.ts';
import type { SyncTarget } from './work/syncTarget.ts';

/** What a sync did, in one line. */
export function describeSync({ client, experimentName }: SyncTarget, outcome: SyncOutcome): string {
  const { written, repaired, already, deleted } = outcome.counts;
  const parts = [
    `${countOf(written, 'record')} written`,
    ...(repaired > 0 ? [`${repaired} repaired`] : []),
    `${already + outcome.inLedger} there already`,
    ...(deleted > 0 ? [`${deleted} deleted there, and left so`] : []),
    ...(outcome.withoutArtifacts > 0
      ? [`${outcome.withoutArtifacts} without their files, which this server takes over no HTTP`]
      : []),
    ...(outcome.unsettled > 0
      ? [`${outcome.unsettled} to be looked at again by the next sync, as the server did not answer in time`]
      : []),
  ];
  return `${troubleOf(outcome) === undefined ? 'synced' : 'synced in part'} to ${client.server.uri}, experiment ${experimentName}: ${parts.join(', ')}`;
}

/** What a sync could not do, in one line; `undefined` where all is done. */
export function troubleOf({ failed, left, stoppedBy }: SyncOutcome): string | undefined {
  const [first] = failed;
  const reasons = [
    ...(stoppedBy === undefined ? [] : [stoppedBy.message]),
    ...(first === undefined
      ? []
      : [`${countOf(failed.length, 'record')} not taken, such as ${first.record_id}: ${first.reason}`]),
  ];
  return reasons.length === 0
    ? undefined
    : `${reasons.join('; ')}; ${countOf(failed.length + left, 'record')} to go, all in the file store: run \`beltbench sync\` again`;
}
