import { BeltbenchError } from '../../shared/errors.ts';
import { renderLatency } from '../latencyText.ts';
import { exitCodeOfResults } from '../exitCodes.ts';
import type { Io, Outcome } from '../io.ts';
import { judgeMeasured } from '../work/judgeMeasured.ts';
import { measureStudy } from '../work/measureStudy.ts';
import { fetchReusable, storeTarget, syncAtEnd, type StoreArgs } from '../work/syncAround.ts';
import { openSession, readSubjects, type MeasuringArgs } from '../work/session.ts';
import { runMeasureHpo } from './measureHpo.ts';
import { tellPlan, tellReused } from '../work/notes.ts';

export interface MeasureArgs extends MeasuringArgs, StoreArgs {
  readonly check: boolean;
  readonly hpo: string | undefined;
  readonly config: readonly string[] | undefined;
}

/** `beltbench measure`: latency records for the study's candidates, or with `--hpo` for a search's trials. */
export async function runMeasure(args: MeasureArgs, io: Io): Promise<Outcome> {
  const { hpo } = args;
  if (hpo !== undefined) {
    return await runMeasureHpo({ ...args, hpo }, io);
  }
  if ((args.config ?? []).length > 0) {
    throw new BeltbenchError(
      'bad_usage',
      '--config goes with --hpo DIR; what a study measures stands in the study file',
    );
  }
  const session = await openSession(args, io);
  const server = storeTarget(args, session);
  const subjects = await readSubjects(session);
  tellPlan(session, subjects, args);
  await fetchReusable(session, subjects, server, ['latency']);
  const measured = await measureStudy(session, subjects);
  tellReused(session, args, measured);
  await syncAtEnd(session, server, args);
  const judged = await judgeMeasured(session, measured);
  return {
    document: {
      command: 'measure',
      story: session.study.file.story,
      notice: session.study.file.notice ?? null,
      candidates: judged,
    },
    text: renderLatency(session.study.file, judged),
    exitCode: exitCodeOfResults(judged, judged.flatMap(verdictOf), args.check),
  };
}

function verdictOf({ judgement }: { judgement: { verdict: 'PASS' | 'FAIL' | 'NOT_ENOUGH_DATA' } | null }) {
  return judgement === null ? [] : [judgement.verdict];
}
