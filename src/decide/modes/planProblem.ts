import { STOP, wiringProblem } from '../../config/modesChecks.ts';
import { printable } from '../../config/shown.ts';
import type { Plan } from '../../records/plan.ts';
import { recallNotCertified } from './exclude.ts';
import { own } from '../../shared/values.ts';

/** What is wrong with a plan where its schema alone cannot see it, in words. */
export function planProblem(plan: Plan): string | undefined {
  const deployments = Object.keys(plan.deployments);
  const modes = Object.keys(plan.modes);
  if (deployments.length === 0) {
    return 'a plan needs at least one deployment, received none; add it';
  }
  const problem = wiringProblem({
    deployments,
    modes: plan.kind === 'line' ? modes : undefined,
    rules: plan.rules,
    fallbackChains: plan.fallback_chains,
    lastResort: plan.last_resort,
    settings: plan.mode_settings,
  });
  return (
    problem ?? assignmentProblem(plan, deployments) ?? (plan.kind === 'line' ? lineProblem(plan, modes) : undefined)
  );
}

function assignmentProblem(plan: Plan, deployments: readonly string[]): string | undefined {
  for (const [mode, { primary, fallback_chain: chain }] of Object.entries(plan.modes)) {
    const problem =
      primary === null
        ? undefined
        : wiringProblem({
            deployments,
            modes: undefined,
            rules: [],
            fallbackChains: { [primary]: chain },
            lastResort: null,
            settings: {},
          });
    if (problem !== undefined) {
      return `mode \`${printable(mode)}\`: ${problem}`;
    }
  }
  return undefined;
}

function lineProblem(plan: Plan, modes: readonly string[]): string | undefined {
  const { rules, last_resort: lastResort, deployments } = plan;
  const careless = rules.findIndex((rule) => rule.ignore_suitability);
  if (careless !== -1) {
    return `\`rules.${careless}\` must not ignore suitability in a line's plan, because no rule can choose what the mode excludes; remove it`;
  }
  if (lastResort === null) {
    return `a line's plan must name a last resort, received none; write \`${STOP}\`, or a deployment whose recall is certified in every mode`;
  }
  const deployment = own(deployments, lastResort);
  const unproven =
    deployment === undefined
      ? undefined
      : modes.find((mode) => recallNotCertified({ plan, ask: { mode }, deployment }) !== undefined);
  return unproven === undefined
    ? undefined
    : `the last resort \`${lastResort}\` must hold the recall floor of every mode, and for \`${printable(unproven)}\` its recall is not certified; write \`${STOP}\`, or another one`;
}
