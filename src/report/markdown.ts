import type { Decision } from '../records/decision.ts';
import { headline } from './headline.ts';
import { heading, inline, paragraph, quote, toPlainText } from './mdast.ts';
import { acceptance } from './sections/acceptance.ts';
import { accuracy } from './sections/accuracy.ts';
import { assumptions } from './sections/assumptions.ts';
import { claims } from './sections/claims.ts';
import { comparison } from './sections/comparison.ts';
import { data } from './sections/data.ts';
import { demands } from './sections/demands.ts';
import { differences } from './sections/differences.ts';
import { discussion } from './sections/discussion.ts';
import { documentation } from './sections/documentation.ts';
import { gates } from './sections/gates.ts';
import { latency } from './sections/latency.ts';
import { models } from './sections/models.ts';
import { nextActions } from './sections/nextActions.ts';
import { openEnds } from './sections/openEnds.ts';
import { options } from './sections/options.ts';
import { reproduce } from './sections/reproduce.ts';
import { selection } from './sections/selection.ts';
import { stages } from './sections/stages.ts';
import { startup } from './sections/startup.ts';
import { thresholds } from './sections/thresholds.ts';
import { warnings } from './sections/warnings.ts';
import { toGithubMarkdown } from './serialize.ts';

/** What to do first, then what speaks against it, then the evidence. */
const SECTIONS = [
  openEnds,
  demands,
  comparison,
  claims,
  gates,
  thresholds,
  differences,
  selection,
  warnings,
  assumptions,
  options,
  nextActions,
  acceptance,
  discussion,
  latency,
  startup,
  stages,
  accuracy,
  data,
  models,
  documentation,
  reproduce,
] as const;

/** The report `decision.md`: GitHub-flavoured markdown without HTML. The same decision gives the same bytes. */
export function renderDecision(decision: Decision): string {
  return toGithubMarkdown([
    heading(1, `${decision.story}: ${decision.title ?? 'decision'}`),
    ...(decision.notice === null ? [] : [quote(decision.notice)]),
    ...headline(decision).map((line) => paragraph(...line)),
    ...SECTIONS.flatMap((section) => section(decision)),
  ]);
}

/** The same first three lines as plain text, for the terminal. */
export function renderSummaryLines(decision: Decision): string[] {
  return headline(decision).map((line) => toPlainText(inline(line)));
}
