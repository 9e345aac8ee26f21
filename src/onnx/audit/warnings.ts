import type { Warning } from '../../records/common.ts';
import type { ModelAudit } from '../../records/model.ts';
import { countOf } from '../../shared/units.ts';
import { printable } from '../badModel.ts';
import type { ModelProto } from '../generated/onnx_pb.ts';
import { functionKey, opKey } from '../node.ts';
import { functionNodesIn } from '../walk.ts';
import type { MultiplyAdds } from './multiplyAdds.ts';
import { LONGEST_NAME } from './text.ts';

/** The operator sets ONNX Runtime's CPU build brings; others need a library of their own. */
const KNOWN_DOMAINS = new Set([
  'ai.onnx.ml',
  'ai.onnx.training',
  'ai.onnx.preview.training',
  'com.microsoft',
  'com.ms.internal.nhwc',
]);
const NCHWC = 'com.microsoft.nchwc';

/** The doubts that an audit's own numbers raise, each with the way out. */
export function auditWarnings(
  audit: Omit<ModelAudit, 'warnings'>,
  model: ModelProto,
  multiplyAdds: MultiplyAdds,
): Warning[] {
  const { subnormal_weights: subnormal, nonfinite_weights: nonfinite } = audit;
  const { weightOnlyNodes } = multiplyAdds;
  const domains = domainsUsed(audit, model);
  const foreign = domains.filter((domain) => domain !== '' && domain !== NCHWC && !KNOWN_DOMAINS.has(domain));
  const doubts: readonly (Warning & { readonly holds: boolean })[] = [
    {
      code: 'subnormal_weights',
      holds: subnormal.total > 0,
      message: `${countOf(subnormal.total, 'weight is', 'weights are')} subnormal, in ${countOf(subnormal.tensors.length, 'tensor')}: CPUs can run ten times slower on them. Set weights below 1.18e-38 to zero; results do not change.`,
    },
    {
      code: 'nonfinite_weights',
      holds: nonfinite.total > 0,
      message: `${countOf(nonfinite.total, 'weight is', 'weights are')} NaN or infinite, in ${countOf(nonfinite.tensors.length, 'tensor')}: the outputs will be, too. Export the model again from a sound checkpoint.`,
    },
    {
      code: 'unknown_multiply_adds',
      holds: multiplyAdds.record.unknown_nodes.length > 0,
      message: `The multiply-adds of ${countOf(multiplyAdds.record.unknown_nodes.length, 'node')} cannot be told from the file, so no total is given${whyUnknown(multiplyAdds)}`,
    },
    {
      code: 'weight_only_int8',
      holds: weightOnlyNodes > 0,
      message: `${countOf(weightOnlyNodes, 'product has', 'products have')} 8-bit weights but float activations: the file is smaller, the arithmetic is not faster. Quantise the activations as well.`,
    },
    {
      code: 'custom_operators',
      holds: foreign.length > 0,
      message: `Operators of ${foreign.join(', ')} are not part of ONNX Runtime. Export the model without them.`,
    },
    {
      code: 'machine_specific',
      holds: domains.includes(NCHWC),
      message:
        'The graph was saved after the optimisation for one CPU type (operators of com.microsoft.nchwc). Use the file it was made from on any other machine.',
    },
    {
      code: 'external_data',
      holds: audit.external_files.length > 0,
      message: `Weights lie in ${countOf(audit.external_files.length, 'more file')} beside the model: ${audit.external_files
        .slice(0, 3)
        .map(({ location }) => location)
        .join(', ')}${audit.external_files.length > 3 ? ', ...' : ''}. Copy all of them when you move it.`,
    },
  ];
  return doubts.filter(({ holds }) => holds).map(({ code, message }) => ({ code, message }));
}

/** The domains of the operators that the runtime must bring: functions that the file defines are not among them. */
function domainsUsed({ operators }: Omit<ModelAudit, 'warnings'>, model: ModelProto): string[] {
  const defined = new Set(model.functions.map((local) => printable(functionKey(local), LONGEST_NAME)));
  const inFunctions = [...functionNodesIn(model)].map((node) => printable(opKey(node), LONGEST_NAME));
  const used = [...Object.keys(operators), ...inFunctions].filter((operator) => !defined.has(operator));
  return [...new Set(used.map((operator) => operator.slice(0, Math.max(0, operator.lastIndexOf('.')))))];
}

/** The end of the sentence; shapes are to blame where nothing else is, and unknown behind a call. */
function whyUnknown({ record, unknownCalls: calls, unknownNested: nested }: MultiplyAdds): string {
  const causes = [
    ...(calls > 0
      ? [
          `${calls} ${calls === 1 ? 'calls a function' : 'call functions'} that the file defines itself (inline it with onnx.inliner.inline_local_functions)`,
        ]
      : []),
    ...(nested > 0
      ? [
          nested === 1
            ? '1 stands in a branch or loop, which runs an unknown number of times'
            : `${nested} stand in branches or loops, which run an unknown number of times`,
        ]
      : []),
  ];
  const shapes =
    calls === 0 && record.unknown_nodes.length > nested
      ? ' Export the model with a fixed input size, or run onnx.shape_inference on it.'
      : '';
  return `${causes.length === 0 ? '' : `: ${causes.join('; ')}`}.${shapes}`;
}
