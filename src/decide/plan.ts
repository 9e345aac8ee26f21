import { MOST_ITERATIONS, type StudyFile } from '../config/studySchema.ts';
import type { Warning } from '../records/common.ts';
import { countOf, formatCount, formatMs, formatShare } from '../shared/units.ts';
import { targetsNeeded } from '../stats/certificate.ts';
import { minimumSamples } from '../stats/quantile.ts';
import { latencyDemand, recallDemand } from './demands.ts';

/**
 * What the study's own numbers cannot prove, told before it runs: fewer iterations than the latency
 * gate needs without a late one, fewer target images than the recall gate needs without a miss.
 *
 * @param targets images of the target class at hand; `undefined` when nobody has counted them
 */
export function planWarnings(study: StudyFile, targets: number | undefined): Warning[] {
  return [...warnOfIterations(study), ...(targets === undefined ? [] : warnOfTargets(study, targets))];
}

function warnOfIterations(study: StudyFile): Warning[] {
  const { budgetMs, requiredShare, confidence } = latencyDemand(study);
  const { iterations } = study.benchmarking;
  const needed = minimumSamples(requiredShare, confidence);
  return iterations >= needed
    ? []
    : [
        {
          code: 'too_few_iterations',
          message: `${countOf(iterations, 'iteration')} cannot prove that ${formatShare(requiredShare, 1)} meet ${formatMs(budgetMs)} at ${formatShare(confidence, 0)} confidence, not even without a late one: ${needed > MOST_ITERATIONS ? `${formatCount(needed)} could${beyondOneRun(needed)}` : `raise \`benchmarking.iterations\` to ${formatCount(needed)} or more`}`,
        },
      ];
}

/** What is to be added where so many iterations are asked for: they may be more than a study can. */
export function beyondOneRun(iterations: number): string {
  return iterations > MOST_ITERATIONS
    ? `, and a run has at most ${formatCount(MOST_ITERATIONS)}: lower \`line.required_share\` or \`line.confidence\``
    : '';
}

function warnOfTargets(study: StudyFile, targets: number): Warning[] {
  const { targetRecall, confidence } = recallDemand(study);
  const needed = targetsNeeded({ recallFloor: targetRecall, confidence });
  const name = study.dataset.target_class;
  return targets >= needed
    ? []
    : [
        {
          code: 'too_few_targets',
          message: `${countOf(targets, `${name} image`)} cannot prove ${name} recall ${formatShare(targetRecall, 1)} at ${formatShare(confidence, 0)} confidence, not even without a miss: ${formatCount(needed)} are needed, ${formatCount(needed - targets)} more`,
        },
      ];
}
