import type { RootContent } from 'mdast';
import type { CandidateDecision, Decision, Gate } from '../../records/decision.ts';
import { gateOf, sentence } from '../figures.ts';
import { bullets, code, heading, left, strong, table, type Line } from '../mdast.ts';
import { GATES, VERDICTS } from '../wordings.ts';

const ORDER = ['latency', 'recall', 'comparability'] as const;

/** The verdict of each gate on each candidate: at a glance, then with its numbers. */
export function gates({ candidates }: Decision): RootContent[] {
  return [
    heading(2, 'Verdict per gate'),
    table(
      [left('Model'), ...ORDER.map((name) => left(GATES[name])), left('All')],
      candidates.map((candidate) => [
        code(candidate.id),
        ...ORDER.map((name) => verdictOf(gateOf(candidate, name))),
        VERDICTS[candidate.verdict],
      ]),
    ),
    ...candidates.flatMap(reasons),
  ];
}

function reasons(candidate: CandidateDecision): RootContent[] {
  return [heading(3, code(candidate.id)), bullets(candidate.gates.map(reasonLine))];
}

function reasonLine({ gate, verdict, reason, needs }: Gate): Line {
  return [
    strong(`${GATES[gate]} ${VERDICTS[verdict]}`),
    `: ${sentence(reason)}`,
    ...(needs === null ? [] : [` To settle it: ${sentence(needs)}`]),
  ];
}

function verdictOf(gate: Gate | undefined): string {
  return gate === undefined ? 'not judged' : VERDICTS[gate.verdict];
}
