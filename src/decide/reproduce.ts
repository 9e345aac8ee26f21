import type { CandidateDecision, Decision } from '../records/decision.ts';
import type { CommonGround } from './commonGround.ts';
import type { DecisionInput } from './inputs.ts';

/** One word of a command line that can be pasted: a path or a backbone's name may hold what a shell takes apart. */
export function shellWord(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** How to get here again: the commands, the host, and the records that the decision rests on. */
export function reproduceWith(
  { studyFile, toolVersion, overrides }: DecisionInput,
  candidates: readonly CandidateDecision[],
  { host }: CommonGround,
): Decision['reproduce'] {
  return {
    commands: ['run', 'decide'].map((command) =>
      ['npx beltbench', command, '--study', shellWord(studyFile), ...overrides].join(' '),
    ),
    tool_version: toolVersion,
    host_class: host ?? null,
    records: candidates.flatMap(({ id, latency, accuracy }) => [
      ...(latency === null
        ? []
        : [{ candidate: id, kind: 'latency', record_id: latency.record_id, key: latency.benchmark_key }]),
      ...(accuracy === null
        ? []
        : [{ candidate: id, kind: 'evaluation', record_id: accuracy.record_id, key: accuracy.predictions_key }]),
    ]),
  };
}
