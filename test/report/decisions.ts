import { readFile } from 'node:fs/promises';
import { decisionSchema, type CandidateDecision, type Decision } from '../../src/records/decision.ts';

/** The decisions under test/fixtures/decisions; each has the report that is expected of it beside it. */
export const FIXTURES = ['selected', 'no-candidate-passes', 'not-enough-data', 'hostile-text'] as const;
export type Fixture = (typeof FIXTURES)[number];

export function fixturePath(name: Fixture, extension: 'json' | 'md'): URL {
  return new URL(`../fixtures/decisions/${name}.${extension}`, import.meta.url);
}

/** A fresh copy of a fixture, checked against the schema, so that no test runs on what cannot be. */
export async function loadDecision(name: Fixture): Promise<Decision> {
  return decisionSchema.parse(JSON.parse(await readFile(fixturePath(name, 'json'), 'utf8')));
}

/** The decision with one candidate changed. */
export function withCandidate(decision: Decision, id: string, changes: Partial<CandidateDecision>): Decision {
  return {
    ...decision,
    candidates: decision.candidates.map((candidate) =>
      candidate.id === id ? { ...candidate, ...changes } : candidate,
    ),
  };
}

export function candidateOf(decision: Decision, id: string): CandidateDecision {
  const found = decision.candidates.find((candidate) => candidate.id === id);
  if (found === undefined) {
    throw new Error(`no candidate ${id} in the fixture`);
  }
  return found;
}
