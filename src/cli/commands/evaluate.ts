import { judgeAccuracy, judgeArgmaxRecall } from '../../decide/accuracy.ts';
import { datasetFacts } from '../../decide/dataset.ts';
import { recallDemand } from '../../decide/demands.ts';
import { rolesOf } from '../../decide/scores.ts';
import type { AccuracyJudgement, Proportion } from '../../records/judgement.ts';
import { formatShare, formatShareInterval } from '../../shared/units.ts';
import { exitCodeOfResults } from '../exitCodes.ts';
import type { Io, Outcome } from '../io.ts';
import { printable } from '../printable.ts';
import { describeFailures } from '../results.ts';
import { renderTable } from '../tables.ts';
import { evaluateStudy } from '../work/evaluateStudy.ts';
import { tellPlan, tellReused } from '../work/notes.ts';
import { fetchReusable, storeTarget, syncAtEnd, type StoreArgs } from '../work/syncAround.ts';
import { openSession, readSubjects, type MeasuringArgs } from '../work/session.ts';

export interface EvaluateArgs extends MeasuringArgs, StoreArgs {
  readonly check: boolean;
}

/** `beltbench evaluate`: per-image predictions and accuracy records. */
export async function runEvaluate(args: EvaluateArgs, io: Io): Promise<Outcome> {
  const session = await openSession(args, io);
  const server = storeTarget(args, session);
  const subjects = await readSubjects(session);
  tellPlan(session, subjects, args);
  await fetchReusable(session, subjects, server, ['evaluation']);
  const evaluated = await evaluateStudy(session, subjects);
  tellReused(session, args, evaluated);
  await syncAtEnd(session, server, args);
  const { file } = session.study;
  const target = file.dataset.target_class;
  const { copied_targets: copies } = datasetFacts(subjects.dataset.audit);
  const judged = evaluated.map(({ id, record, lost, reused }) => {
    const judgement = (record && judgeAccuracy(record, rolesOf(file.dataset))) ?? null;
    return {
      id,
      record_id: record?.record_id ?? null,
      reused,
      failure: record?.failure ?? null,
      lost,
      judgement,
      recall_at_argmax: judgement === null ? null : judgeArgmaxRecall(judgement, recallDemand(file), copies),
    };
  });
  const floor = `at argmax at least ${formatShare(file.thresholds.target_recall, 1)}`;
  const rows = judged.map(({ id, failure, judgement, recall_at_argmax: verdict }) =>
    judgement === null
      ? [id, failure === null ? 'no record' : 'failed', '', '', '', '']
      : [id, ...cells(judgement), (verdict ?? '').replaceAll('_', ' ')],
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
    text: `${file.notice === undefined ? '' : `${file.notice}\n`}${renderTable(['candidate', 'accuracy (95 %)', `${target} recall (95 %)`, 'macro-F1', 'left out', floor], rows)}${[...describeFailures(judged), ...doubts].join('')}`,
    exitCode: exitCodeOfResults(
      judged,
      judged.flatMap(({ recall_at_argmax: verdict }) => (verdict === null ? [] : [verdict])),
      args.check,
    ),
  };
}

function cells(judged: AccuracyJudgement): string[] {
  return [
    describe(judged.accuracy),
    describe(judged.target_recall),
    judged.macro_f1 === null ? 'not measured' : judged.macro_f1.toFixed(4),
    String(judged.skipped),
  ];
}

function describe({ k, n, value, interval }: Proportion): string {
  return `${formatShare(value)}${interval === null ? '' : ` (${formatShareInterval(interval)})`}, ${k} of ${n}`;
}
