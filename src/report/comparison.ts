import type { RootContent } from 'mdast';
import type { Comparison } from '../records/comparison.ts';
import { reproduce, rules, saturation } from './comparison/closing.ts';
import { figures } from './comparison/figures.ts';
import { flips } from './comparison/flips.ts';
import { verdictLine, verdicts } from './comparison/verdicts.ts';
import { bullets, code, heading, paragraph, quote, strong } from './mdast.ts';
import { warnings } from './sections/warnings.ts';
import { toGithubMarkdown } from './serialize.ts';

/**
 * The report `compare-GROUP.md`: GitHub-flavoured markdown without HTML. The same comparison gives the
 * same bytes.
 *
 * @param chart the chart's file name, which lies beside it
 */
export function renderComparison(comparison: Comparison, chart: string): string {
  const { notice, group, reference, variants, target_class: target, story } = comparison;
  return toGithubMarkdown([
    heading(1, `${story}: `, code(group), ' compared'),
    ...(notice === null ? [] : [quote(notice)]),
    paragraph('Held against ', code(reference.id), ', on this host:'),
    bullets(variants.map((variant) => [strong(code(variant.id)), `: ${verdictLine(variant, target)}.`])),
    picture(chart, `Latency and accuracy of the group ${group}`),
    ...[figures, verdicts, flips, saturation, rules].flatMap((section) => section(comparison)),
    ...warnings({ warnings: comparison.warnings, candidates: [reference, ...variants] }),
    ...reproduce(comparison),
  ]);
}

function picture(url: string, alt: string): RootContent {
  return { type: 'paragraph', children: [{ type: 'image', url, alt }] };
}
