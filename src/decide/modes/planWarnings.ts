import type { Warning } from '../../records/common.ts';
import type { CandidateDecision } from '../../records/decision.ts';
import type { Plan } from '../../records/plan.ts';
import { own } from '../../shared/values.ts';

/** About a candidate's card, and not about what was measured. */
const NOT_OF_A_PLAN: ReadonlySet<string> = new Set(['open_question', 'claim_at_other_input_size']);

/** What a plan does not refuse, and a reader must know. */
export function planWarnings(plan: Plan, candidates: readonly CandidateDecision[]): Warning[] {
  return [...doubts(candidates), ...otherThreads(plan, candidates), ...chainsWithoutPrimary(plan)];
}

function doubts(candidates: readonly CandidateDecision[]): Warning[] {
  return candidates.flatMap(({ id, gates, warnings }) => [
    ...gates
      .filter(({ gate, verdict }) => gate === 'comparability' && verdict !== 'PASS')
      .map(({ reason }) => ({ code: 'comparability', message: `${id}: ${reason}` })),
    ...warnings
      .filter(({ code }) => !NOT_OF_A_PLAN.has(code))
      .map(({ code, message }) => ({ code, message: `${id}: ${message}` })),
  ]);
}

function otherThreads({ mode_settings: settings }: Plan, candidates: readonly CandidateDecision[]): Warning[] {
  return Object.entries(settings).flatMap(([mode, perDeployment]) =>
    candidates.flatMap(({ id, latency }) => {
      const wanted = own(own(perDeployment, id) ?? {}, 'threads');
      return typeof wanted === 'number' && latency !== null && wanted !== latency.threads
        ? [
            {
              code: 'other_threads',
              message: `mode ${mode} sets ${wanted} threads for ${id}, and its latency was proven with ${latency.threads}; measure with --threads ${wanted}`,
            },
          ]
        : [];
    }),
  );
}

/** A rule leads into its choice's chain; who meets a mode best should stand in it. */
function chainsWithoutPrimary({ rules, modes, fallback_chains: chains }: Plan): Warning[] {
  return rules.flatMap(({ when, choose }, index) =>
    Object.entries(modes).flatMap(([mode, { primary }]) => {
      const chain = own(chains, choose);
      const applies = when.mode === undefined || [when.mode].flat().includes(mode);
      return applies && chain !== undefined && primary !== null && primary !== choose && !chain.includes(primary)
        ? [
            {
              code: 'chain_without_primary',
              message: `rule ${index + 1} chooses ${choose}, whose chain lacks ${primary}, the primary of mode ${mode}: it is tried only after the chain`,
            },
          ]
        : [];
    }),
  );
}
