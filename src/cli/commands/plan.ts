import { relative } from 'node:path';
import { combine } from '../../decide/gates.ts';
import { own } from '../../shared/values.ts';
import type { Verdict } from '../../records/judgement.ts';
import type { Plan, Suitability } from '../../records/plan.ts';
import { formatMs, formatShare } from '../../shared/units.ts';
import { exitCodeOfVerdicts } from '../exitCodes.ts';
import type { CommonArgs, Io, Outcome } from '../io.ts';
import { printable } from '../printable.ts';
import { renderTable } from '../tables.ts';
import { planStudy } from '../work/modesStudy.ts';
import { openSession } from '../work/session.ts';

export interface PlanArgs extends CommonArgs {
  readonly modes: string | undefined;
}

/** `beltbench plan`: who works in which mode of the line, from the stored records; no measurement. */
export async function runPlan(args: PlanArgs, io: Io): Promise<Outcome> {
  const { plan, path } = await planStudy(await openSession(args, io), args.modes);
  const modes = Object.entries(plan.modes);
  const rows = modes.map(([mode, demands]) => [
    mode,
    formatMs(demands.budget_ms),
    formatShare(demands.target_recall, 1),
    demands.max_false_reject_rate === null ? 'any' : `<= ${formatShare(demands.max_false_reject_rate, 1)}`,
    demands.priorities.join(', '),
    demands.primary ?? 'nobody',
    demands.fallback_chain.join(', '),
  ]);
  const notes = [
    ...(plan.notice === null ? [] : [plan.notice]),
    ...modes.flatMap(([mode]) => unmet(plan, mode)),
    ...plan.warnings.map(({ message }) => `note: ${message}`),
  ];
  return {
    document: { command: 'plan', path, plan },
    text: `${renderTable(['mode', 'budget', 'recall floor', 'false rejects', 'priorities', 'primary', 'then'], rows)}last resort: ${printable(plan.last_resort ?? 'none')}\n${notes.map((note) => `${printable(note)}\n`).join('')}plan: ${relative(io.cwd(), path)}\n`,
    exitCode: exitCodeOfVerdicts(
      modes.map(([mode, { primary }]) => (primary === null ? verdictOn(plan, mode) : 'PASS')),
      true,
    ),
  };
}

/** Whom a mode excludes, with the numbers. */
function unmet(plan: Plan, mode: string): string[] {
  return entriesOf(plan, mode).flatMap(([id, { requirements }]) =>
    requirements
      .filter(({ verdict }) => verdict !== 'PASS')
      .map(
        ({ requirement, verdict, reason }) =>
          `${mode} excludes ${id}: ${requirement} ${verdict.replaceAll('_', ' ')}: ${reason}`,
      ),
  );
}

/** Of a mode without anybody: refuted for all, or only not proven for some. */
function verdictOn(plan: Plan, mode: string): Verdict {
  const verdicts = entriesOf(plan, mode).map(([, { requirements }]) =>
    combine(requirements.map(({ verdict }) => verdict)),
  );
  return verdicts.includes('NOT_ENOUGH_DATA') ? 'NOT_ENOUGH_DATA' : 'FAIL';
}

function entriesOf(plan: Plan, mode: string): [string, Suitability][] {
  return Object.entries(plan.deployments).flatMap(([id, { modes }]) => {
    const entry = own(modes, mode);
    return entry === undefined ? [] : [[id, entry]];
  });
}
