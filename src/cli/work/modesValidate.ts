import { check } from '../../config/problems.ts';
import { planProblem } from '../../decide/modes/planProblem.ts';
import { planSchema, type Plan } from '../../records/plan.ts';
import { BeltbenchError, reasonOf } from '../../shared/errors.ts';

/**
 * A plan from its JSON text, every default filled in.
 *
 * @param path for messages
 * @throws BeltbenchError `bad_record`; the message names the key or the chain, the value and the way out
 */
export function validatePlan(path: string, text: string): Plan {
  const checked = check(planSchema, jsonOf(path, text));
  const problem = checked.ok ? planProblem(checked.value) : checked.problem;
  if (!checked.ok || problem !== undefined) {
    throw new BeltbenchError('bad_record', `${path}: ${problem ?? 'it is no plan'}`);
  }
  return checked.value;
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new BeltbenchError(
      'bad_record',
      `${path} cannot be read as a plan: it is not valid JSON: ${reasonOf(thrown)}; correct it, or write it anew with \`beltbench plan\``,
      { cause: thrown },
    );
  }
}
