import { relative } from 'node:path';
import { probeSaturation } from '../../quantize/saturation.ts';
import type { Comparison, ComparedVariant, Saturation } from '../../records/comparison.ts';
import type { Verdict } from '../../records/judgement.ts';
import { exitCodeOfVerdicts } from '../exitCodes.ts';
import { renderComparisonText } from '../comparisonText.ts';
import type { Io, Outcome } from '../io.ts';
import { candidatesToCompare, groupsToCompare } from '../work/compareGroups.ts';
import { compareGroup, type WrittenComparison } from '../work/compareStudy.ts';
import { openSession, readSubjects, type MeasuringArgs, type Subjects } from '../work/session.ts';

export interface CompareArgs extends MeasuringArgs {
  readonly check: boolean;
  readonly group: string | undefined;
  readonly marginPoints: number | undefined;
}

/** The difference in accuracy or recall that does not matter, in points, unless the command line says otherwise. */
const DEFAULT_MARGIN_POINTS = 1.5;

/** `beltbench compare`: the variants of a network against their reference, a group at a time. */
export async function runCompare(args: CompareArgs, io: Io): Promise<Outcome> {
  const opened = await openSession(args, io);
  const candidates = candidatesToCompare(opened.study.candidates, args.group);
  const session = { ...opened, study: { ...opened.study, candidates } };
  const subjects = await readSubjects(session);
  const settings = {
    // Without the binary fraction's noise: 0.3 points are 0.003.
    accuracyMargin: Number(((args.marginPoints ?? DEFAULT_MARGIN_POINTS) / 100).toPrecision(12)),
    saturation: await probeHost(subjects),
    quiet: args.quiet,
    flags: args.marginPoints === undefined ? [] : [`--margin-points ${args.marginPoints}`],
  };
  const written: WrittenComparison[] = [];
  for (const group of groupsToCompare(subjects.candidates, args.group)) {
    written.push(await compareGroup(session, subjects, group, settings));
  }
  const comparisons = written.map(({ comparison }) => comparison);
  return {
    document: {
      command: 'compare',
      story: session.study.file.story,
      notice: session.study.file.notice ?? null,
      groups: comparisons,
    },
    text: written
      .map(({ comparison, paths }) =>
        renderComparisonText(
          comparison,
          paths.map((path) => relative(io.cwd(), path)),
        ),
      )
      .join('\n'),
    exitCode: comparisons.some(hasFailure)
      ? 2
      : exitCodeOfVerdicts(
          comparisons.flatMap(({ variants }) => variants.flatMap(verdictsOf)),
          args.check,
        ),
  };
}

/** Asked once, before anything is measured; float models have no integer sums. */
async function probeHost({ candidates }: Subjects): Promise<Saturation['host']> {
  if (candidates.every(({ model }) => model.int8_weight_share === 0)) {
    return 'unknown';
  }
  const { result } = await probeSaturation();
  return result;
}

function hasFailure({ reference, variants }: Comparison): boolean {
  return [reference, ...variants].some(({ failure }) => failure !== null);
}

/** Faster, equal and better pass; slower and worse fail. */
function verdictsOf({ speed, accuracy_difference, recall_difference }: ComparedVariant): Verdict[] {
  return [speed.verdict, accuracy_difference.verdict, recall_difference.verdict].map((verdict) => {
    switch (verdict) {
      case 'slower':
      case 'worse':
      case 'failed':
        return 'FAIL';
      case 'not_enough_data':
        return 'NOT_ENOUGH_DATA';
      case 'faster':
      case 'equal':
      case 'equivalent':
      case 'better':
        return 'PASS';
    }
  });
}
