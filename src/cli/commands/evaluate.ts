import { judgeAccuracy } from '../../decide/accuracy.ts';
import type { AccuracyJudgement, Proportion } from '../../records/judgement.ts';
import { formatShare, formatShareInterval } from '../../shared/units.ts';
import type { Io, Outcome, ParsedArgs } from '../io.ts';
import { printable, renderTable } from '../tables.ts';
import { evaluateStudy } from '../work/evaluateStudy.ts';
import { tellPlan, tellReused } from '../work/notes.ts';
import { openSession, readSubjects } from '../work/session.ts';

/** `beltbench evaluate`: per-image predictions and accuracy records. */
export async function runEvaluate(args: ParsedArgs, io: Io): Promise<Outcome> {
  const session = await openSession(args, io);
  const subjects = await readSubjects(session);
  tellPlan(session, subjects, args);
  const evaluated = await evaluateStudy(session, subjects);
  tellReused(session, args, evaluated);
  const { file } = session.study;
  const target = file.dataset.target_class;
  const judged = evaluated.map(({ id, record, reused }) => ({
    id,
    record_id: record.record_id,
    reused,
    failure: record.failure,
    judgement: judgeAccuracy(record, target) ?? null,
  }));
  const rows = judged.map(({ id, failure, judgement }) =>
    judgement === null ? [id, `failed: ${failure ?? 'no record'}`, '', '', ''] : [id, ...cells(judgement, target)],
  );
  const doubts = judged.flatMap(({ id, judgement }) =>
    (judgement?.warnings ?? []).map(({ message }) => `${id}: ${printable(message)}\n`),
  );
  return {
    document: {
      command: 'evaluate',
      story: file.story,
      notice: file.notice ?? null,
      dataset: subjects.dataset.audit,
      candidates: judged,
    },
    text: `${file.notice === undefined ? '' : `${file.notice}\n`}${renderTable(['candidate', 'accuracy (95 %)', `${target} recall (95 %)`, 'macro-F1', 'left out'], rows)}${doubts.join('')}`,
    exitCode: judged.some(({ failure }) => failure !== null) ? 2 : 0,
  };
}

function cells(judged: AccuracyJudgement, target: string): string[] {
  const recall = judged.per_class.find((entry) => entry.class === target)?.recall;
  return [
    describe(judged.accuracy),
    recall === undefined ? 'not measured' : describe(recall),
    judged.macro_f1 === null ? 'not measured' : judged.macro_f1.toFixed(4),
    String(judged.skipped),
  ];
}

function describe({ k, n, value, interval }: Proportion): string {
  return `${formatShare(value)}${interval === null ? '' : ` (${formatShareInterval(interval)})`}, ${k} of ${n}`;
}
