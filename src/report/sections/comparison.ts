import type { PhrasingContent, RootContent } from 'mdast';
import type { CandidateDecision, Decision } from '../../records/decision.ts';
import { formatMegabytes, formatMillions, NOT_MEASURED } from '../../shared/units.ts';
import {
  boundedPercentile,
  certifiedPoint,
  certifiedRecall,
  decidingGates,
  falseRejects,
  meanText,
  proportionText,
  rateWithInterval,
  statedShare,
  unstatedUnder,
} from '../figures.ts';
import { code, heading, left, paragraph, right, strong, table, type Inline } from '../mdast.ts';
import { VERDICTS } from '../wordings.ts';

/** The story's table, from measurements alone: the decision first, then recall. */
export function comparison(decision: Decision): RootContent[] {
  return [
    heading(2, 'Comparison'),
    paragraph(
      `All figures are measured. In brackets are 95 % intervals (Wilson for accuracy, Clopper-Pearson for recall and false rejects); behind a mean latency the lowest and highest mean of a round, behind a p99 what it does not exceed at ${statedShare(decision.line.confidence)} confidence.`,
    ),
    decisionTable(decision),
    paragraph(
      `Recall of ${decision.line.target_class}, at argmax, at the production setting, and what the certified threshold holds:`,
    ),
    recallTable(decision),
  ];
}

function decisionTable(decision: Decision): RootContent {
  return table(
    [
      left('Model'),
      left('Option'),
      left('Status'),
      left('Verdict'),
      right('Accuracy'),
      right('Mean latency'),
      right('p99 latency'),
      right('Size'),
      right('Parameters'),
    ],
    decision.candidates.map((candidate) => [
      nameOf(candidate, decision),
      candidate.option ?? 'none',
      candidate.status ?? 'none',
      verdictOf(candidate, decision),
      proportionText(candidate.accuracy?.accuracy),
      meanText(candidate.latency),
      candidate.latency === null ? NOT_MEASURED : boundedPercentile(candidate.latency, 0.99),
      formatMegabytes(candidate.model?.file_size_bytes),
      formatMillions(candidate.model?.parameter_count),
    ]),
  );
}

function recallTable(decision: Decision): RootContent {
  return table(
    [
      left('Model'),
      right('Recall at argmax'),
      right(
        `Recall in production${unstatedUnder(decision.line, 'thresholds.production.').length > 0 ? ' (assumed)' : ''}`,
      ),
      right('Certified recall'),
      right('False rejects there'),
    ],
    decision.candidates.map((candidate) => [
      nameOf(candidate, decision),
      rateWithInterval(candidate.sweep?.argmax.recall, candidate.sweep?.argmax.recall_interval),
      rateWithInterval(candidate.sweep?.production.recall, candidate.sweep?.production.recall_interval),
      certifiedRecall(candidate),
      falseRejects(certifiedPoint(candidate)),
    ]),
  );
}

function nameOf({ id }: CandidateDecision, { selected }: Decision): PhrasingContent {
  return id === selected ? strong(code(id)) : code(id);
}

function verdictOf(candidate: CandidateDecision, { selected, provisional }: Decision): Inline[] {
  const verdict =
    candidate.id === selected ? strong(provisional ? 'PROVISIONAL' : 'SELECTED') : VERDICTS[candidate.verdict];
  const gates = decidingGates(candidate);
  return gates === undefined ? [verdict] : [verdict, `: ${gates}`];
}
