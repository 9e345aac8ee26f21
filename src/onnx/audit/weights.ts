import type { ModelAudit } from '../../records/model.ts';
import { printable } from '../badModel.ts';
import type { GraphProto } from '../generated/onnx_pb.ts';
import { floatFaultsOf } from './floatFaults.ts';
import { parametersOf } from './parameters.ts';
import { LONGEST_NAME } from './text.ts';

export type WeightsAudit = Pick<
  ModelAudit,
  'parameter_count' | 'int8_weight_share' | 'subnormal_weights' | 'nonfinite_weights'
>;

/** Counts the model's parameters and looks at every one that is a float. */
export function auditWeights(graph: GraphProto): WeightsAudit {
  const parameters = parametersOf(graph);
  const total = sum(parameters.map(({ count }) => count));
  const int8 = sum(parameters.filter(({ isInt8 }) => isInt8).map(({ count }) => count));
  const inspected = parameters.map(({ name, tensor, count }) => ({
    name: printable(name, LONGEST_NAME),
    of: count,
    faults: floatFaultsOf(tensor),
  }));
  const subnormal = inspected
    .filter(({ faults }) => faults.subnormal > 0)
    .map(({ name, of, faults }) => ({ name, count: faults.subnormal, of }));
  const nonfinite = inspected
    .filter(({ faults }) => faults.nan + faults.infinite > 0)
    .map(({ name, of, faults: { nan, infinite } }) => ({ name, nan, infinite, of }));
  return {
    parameter_count: total,
    int8_weight_share: total === 0 ? 0 : int8 / total,
    subnormal_weights: { total: sum(subnormal.map(({ count }) => count)), tensors: subnormal },
    nonfinite_weights: { total: sum(nonfinite.map(({ nan, infinite }) => nan + infinite)), tensors: nonfinite },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
