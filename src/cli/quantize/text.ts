import { candidateEntryLine } from '../../config/candidateEntry.ts';
import type { QuantizationManifest } from '../../records/quantization.ts';
import { countOf, formatMegabytes, formatShare } from '../../shared/units.ts';
import { printable } from '../printable.ts';
import type { OutPaths } from './outPaths.ts';
import type { QuantizeSource } from './source.ts';
import { studyEntryOf } from './studyEntry.ts';

/** Of long lists only so many are printed; the manifest holds all. */
const MOST_LISTED = 6;
const MOST_OPERATORS = 5;

/** What was made, what stayed float, what is to be doubted, and the way on. */
export function describeMade(manifest: QuantizationManifest, paths: OutPaths, source: QuantizeSource): string {
  const { model, calibration, recipe } = manifest;
  const { seconds } = model;
  const took = seconds.rewrite + seconds.calibrate + seconds.write + seconds.prove;
  const facts: readonly (readonly [string, string])[] = [
    ['made', paths.model],
    ['of', `${manifest.source.file} (${formatMegabytes(source.sizeBytes)})`],
    ['size', formatMegabytes(model.size_bytes)],
    [
      'INT8 multiply-adds',
      model.int8_multiply_add_share === null ? 'unknown' : formatShare(model.int8_multiply_add_share, 1),
    ],
    ['integer kernels, proven', describeKernels(model.kernels)],
    ['left float', describeFloat(model.left_float)],
    ['time goes to', describeTimes(model.profile)],
    ['calibration', `${recipe.calibration}, ${countOf(calibration.images.length, 'image')} of ${calibration.folder}`],
    ['kept away', describeKeptAway(calibration)],
    ['took', `${took.toFixed(1)} s`],
    ['beside it', `${paths.card}, ${paths.manifest}`],
  ];
  const doubts = manifest.warnings.map(({ message }) => `warning: ${printable(message)}\n`).join('');
  const entry = studyEntryOf(source, paths);
  return `${describeFacts(facts)}${doubts}Next: add to the study's candidates
  ${printable(candidateEntryLine(entry))}
and look at \`beltbench compare --group ${printable(entry.group)}\`.
`;
}

/** Not a table, which one long clause would make as wide as itself. */
function describeFacts(facts: readonly (readonly [string, string])[]): string {
  const widest = Math.max(...facts.map(([label]) => label.length));
  return facts.map(([label, fact]) => `${label.padEnd(widest + 2)}${printable(fact)}\n`).join('');
}

function describeKernels(kernels: QuantizationManifest['model']['kernels']): string {
  const entries = Object.entries(kernels).toSorted(([, a], [, b]) => b - a);
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${count} ${name}`).join(', ');
}

function describeTimes({ operators, threads }: QuantizationManifest['model']['profile']): string {
  const slowest = operators
    .slice(0, MOST_OPERATORS)
    .map(({ operator, share }) => `${operator} ${formatShare(share, 0)}`);
  return `${slowest.join(', ')} (a profiled run, ${countOf(threads, 'thread')})`;
}

/** Nodes with the same reason in one clause. */
function describeFloat(left: QuantizationManifest['model']['left_float']): string {
  const byReason = new Map<string, string[]>();
  for (const { node, reason } of left) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), node]);
  }
  const clauses = [...byReason].map(([reason, nodes]) =>
    nodes.length === 1 ? `${nodes[0]}: ${reason}` : `${countOf(nodes.length, 'node')}: ${reason}`,
  );
  const more = clauses.length - MOST_LISTED;
  const shown = clauses.slice(0, MOST_LISTED).join('; ');
  return clauses.length === 0
    ? 'nothing that could be INT8'
    : `${shown}${more > 0 ? `; and ${more} more reasons` : ''}`;
}

function describeKeptAway({
  left_out: leftOut,
  evaluation_folders: folders,
}: QuantizationManifest['calibration']): string {
  if (folders.length === 0) {
    return 'no folder of evaluation images is known';
  }
  const stand = leftOut.length === 1 ? 'stands' : 'stand';
  return `${countOf(leftOut.length, 'image')} that also ${stand} in ${folders.join(', ')}`;
}
