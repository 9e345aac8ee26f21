import type { Verdict } from '../../records/judgement.ts';
import type { Sweep } from '../../records/sweep.ts';
import { countOf, formatAtLeast, formatShare } from '../../shared/units.ts';
import { exitCodeOfVerdicts } from '../exitCodes.ts';
import type { CommonArgs, Io, Outcome } from '../io.ts';
import { renderTable } from '../tables.ts';
import { gatherRecords } from '../work/gather.ts';
import { openSession } from '../work/session.ts';
import { sweepStudy } from '../work/sweepStudy.ts';

/** `beltbench sweep`: thresholds from stored predictions, no inference. */
export async function runSweep(args: CommonArgs & { readonly check: boolean }, io: Io): Promise<Outcome> {
  const session = await openSession(args, io);
  const swept = await sweepStudy(session, await gatherRecords(session));
  const { file } = session.study;
  const target = file.dataset.target_class;
  const rows = swept.map(({ id, record }) =>
    record === undefined
      ? [id, 'not evaluated: run `beltbench evaluate`', '', '', '', '']
      : [id, ...cells(record.sweep, target)],
  );
  return {
    document: {
      command: 'sweep',
      story: file.story,
      notice: file.notice ?? null,
      sweeps: swept.map(({ id, record }) => ({ candidate: id, record: record ?? null })),
    },
    text: `${file.notice === undefined ? '' : `${file.notice}\n`}${renderTable(['candidate', `${target} missed at argmax`, 'in production', 'certified from score', 'recall at least', 'false rejects'], rows)}`,
    exitCode: exitCodeOfVerdicts(
      swept.map(({ record }) => (record === undefined ? 'NOT_ENOUGH_DATA' : verdictOf(record.sweep))),
      args.check,
    ),
  };
}

/** As the recall gate of `decide` judges it. */
function verdictOf({ certificate }: Sweep): Verdict {
  if (certificate.state === 'certified') {
    return certificate.false_rejects;
  }
  return certificate.refuted_at === null ? 'NOT_ENOUGH_DATA' : 'FAIL';
}

function cells({ argmax, production, certificate, targets }: Sweep, target: string): string[] {
  const shown = [`${argmax.misses} of ${targets}`, `${production.misses} missed, ${production.reviewed} reviewed`];
  if (certificate.state === 'not_enough_data') {
    return [
      ...shown,
      certificate.refuted_at === null
        ? `NOT ENOUGH DATA: ${countOf(certificate.more, `more ${target} image`)} needed`
        : 'FAIL: every threshold that the images allow rejects too many',
      '',
      '',
    ];
  }
  const { point } = certificate;
  return [
    ...shown,
    point.threshold === null ? 'none' : String(point.threshold),
    formatAtLeast(point.recall_lower_bound),
    `${point.false_rejects} of ${point.others} = ${formatShare(point.false_reject_rate, 1)}: ${certificate.false_rejects.replaceAll('_', ' ')}`,
  ];
}
