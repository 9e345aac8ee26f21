import type { SelectionOverrides } from '../../config/selectionOverrides.ts';
import type { Io, Outcome } from '../io.ts';
import { renderLatency } from '../latencyText.ts';
import { decideStudy } from '../work/decideStudy.ts';
import { evaluateStudy } from '../work/evaluateStudy.ts';
import { gatherRecords } from '../work/gather.ts';
import { judgeMeasured } from '../work/judgeMeasured.ts';
import { measureStudy } from '../work/measureStudy.ts';
import { tellPlan, tellReused } from '../work/notes.ts';
import { fetchReusable, storeTarget, syncAtEnd, type StoreArgs } from '../work/syncAround.ts';
import { openSession, readSubjects, type MeasuringArgs } from '../work/session.ts';
import { sweepStudy } from '../work/sweepStudy.ts';
import { outcomeOf } from './decide.ts';

export interface RunArgs extends MeasuringArgs, StoreArgs, Required<SelectionOverrides> {}

/** `beltbench run`: measure, evaluate, sweep, decide, reusing what is there. */
export async function runAll(args: RunArgs, io: Io): Promise<Outcome> {
  const session = await openSession(args, io);
  const server = storeTarget(args, session);
  const subjects = await readSubjects(session);
  tellPlan(session, subjects, args);
  await fetchReusable(session, subjects, server, ['latency', 'evaluation']);
  const measured = await measureStudy(session, subjects);
  tellReused(session, args, measured);
  const evaluated = await evaluateStudy(session, subjects);
  tellReused(session, args, evaluated);
  await sweepStudy(session, await gatherRecords(session, subjects));
  const outcome = outcomeOf(await decideStudy(session, subjects), io);
  await syncAtEnd(session, server, args);
  const table = renderLatency({ ...session.study.file, notice: undefined }, await judgeMeasured(session, measured));
  return { ...outcome, text: `${table}\n${outcome.text}` };
}
