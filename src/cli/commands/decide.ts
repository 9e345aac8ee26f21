import { relative } from 'node:path';
import type { SelectionOverrides } from '../../config/selectionOverrides.ts';
import { renderSummaryLines } from '../../report/markdown.ts';
import { exitCodeOfDecision } from '../exitCodes.ts';
import type { CommonArgs, Io, Outcome } from '../io.ts';
import { printable } from '../printable.ts';
import { decideStudy, type WrittenDecision } from '../work/decideStudy.ts';
import { openSession } from '../work/session.ts';

export interface DecideArgs extends CommonArgs, Required<SelectionOverrides> {
  readonly threads: number | undefined;
}

/** `beltbench decide`: the decision from stored records, no measurement. */
export async function runDecide(args: DecideArgs, io: Io): Promise<Outcome> {
  return outcomeOf(await decideStudy(await openSession(args, io)), io);
}

/** What `decide` and `run` answer: the decision's first lines, and where the report lies. */
export function outcomeOf({ decision, markdownPath, jsonPath }: WrittenDecision, io: Io): Outcome {
  const lines = renderSummaryLines(decision).map(printable);
  const notice = decision.notice === null ? [] : [printable(decision.notice)];
  const paths = [markdownPath, jsonPath].map((path) => `  ${relative(io.cwd(), path)}`);
  return {
    document: decision,
    text: `${[...notice, ...lines, 'Report:', ...paths].join('\n')}\n`,
    exitCode: exitCodeOfDecision(decision.verdict),
  };
}
