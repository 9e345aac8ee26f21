import { yamlScalar } from './yamlScalar.ts';

/**
 * The study's section `modes`, commented out, as an example with its own candidates. In flow style, so
 * that each example is one line whatever the ids are.
 *
 * @param ids of the candidates; none stands for those of the template's own example
 */
export function modesTemplate(ids: readonly string[]): string {
  const [first = 'my-model', ...others] = ids.map((id) => yamlScalar(id));
  return `# The modes of the line, for \`beltbench plan\`: what each demands, who works in it and who steps in. A mode's
# primary is found by its priorities among those that meet its budget and whose recall is certified.
# modes:
#   line_modes:
#     standard: { budget_ms: 30, target_recall: 0.99, max_false_reject_rate: 0.1, priorities: [quality, speed] }
#     high_speed: { budget_ms: 15, priorities: [speed, quality] }
# What a deployment can do beside, for rules and \`choose --needs\`.
#   capabilities: { ${first}: [explains] }
# The first that matches wins, but never over what the mode demands.
#   rules:
#     - when: { mode: high_speed, priority: speed }
#       choose: ${first}
# Who is tried after whom; left out, by the mode's priorities.
#   fallback_chains: { ${first}: [${others.join(', ')}] }
# stop (divert the belt to manual inspection), or a candidate whose recall is certified in every mode.
#   last_resort: stop
# Free-form, per mode and candidate: passed on to the line's controller.
#   settings: { high_speed: { ${first}: { threads: 2 } } }
# Within this share of the best two are equals: the next priority decides, then the workers' ratings.
#   equal_within: { quality: 0.015, speed: 0.05 }
#   tracker: { min_observations: 30, min_success_rate: 0.95 }
`;
}
