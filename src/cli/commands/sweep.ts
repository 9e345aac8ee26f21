import type { Sweep } from '../../records/sweep.ts';
import { formatAtLeast, formatShare } from '../../shared/units.ts';
import { exitCodeOfVerdicts } from '../exitCodes.ts';
import type { Io, Outcome, ParsedArgs } from '../io.ts';
import { renderTable } from '../tables.ts';
import { gatherRecords } from '../work/gather.ts';
import { openSession } from '../work/session.ts';
import { sweepStudy } from '../work/sweepStudy.ts';

/** `beltbench sweep`: thresholds from stored predictions, no inference. */
export async function runSweep(args: ParsedArgs, io: Io): Promise<Outcome> {
  const session = await openSession(args, io);
  const swept = await sweepStudy(session, await gatherRecords(session));
  const { file } = session.study;
  const rows = swept.map(({ id, record }) =>
    record === undefined ? [id, 'not evaluated', '', '', '', ''] : [id, ...cells(record.sweep)],
  );
  const target = file.dataset.target_class;
  return {
    document: {
      command: 'sweep',
      story: file.story,
      notice: file.notice ?? null,
      sweeps: swept.map(({ record }) => record ?? null),
    },
    text: `${file.notice === undefined ? '' : `${file.notice}\n`}${renderTable(['candidate', `${target} missed at argmax`, 'in production', 'certified from score', 'recall at least', 'false rejects'], rows)}`,
    exitCode: exitCodeOfVerdicts(
      swept.map(({ record }) =>
        record?.sweep.certificate.state === 'certified' ? record.sweep.certificate.false_rejects : 'NOT_ENOUGH_DATA',
      ),
      args.check === true,
    ),
  };
}

function cells({ argmax, production, certificate, targets }: Sweep): string[] {
  const shown = [`${argmax.misses} of ${targets}`, `${production.misses} missed, ${production.reviewed} reviewed`];
  if (certificate.state === 'not_enough_data') {
    return [...shown, `NOT ENOUGH DATA: ${certificate.more} more needed`, '', ''];
  }
  const { point } = certificate;
  return [
    ...shown,
    point.threshold === null ? 'none' : String(point.threshold),
    formatAtLeast(point.recall_lower_bound),
    `${point.false_rejects} of ${point.others} = ${formatShare(point.false_reject_rate, 1)}: ${certificate.false_rejects.replaceAll('_', ' ')}`,
  ];
}
