import type { LeftAlone } from '../onnx/rewrite/pass.ts';

/** The integer kernel that a planned node must become; `dropped` are those that only pass integers on (MaxPool, Reshape, Relu). */
export type Kernel =
  | 'QLinearConv'
  | 'QGemm'
  | 'QLinearMatMul'
  | 'MatMulIntegerToFloat'
  | 'DynamicQuantizeMatMul'
  | 'QLinearAdd'
  | 'QLinearGlobalAveragePool'
  | 'dropped';

/** One node that will compute with integers. */
export interface PlannedNode {
  /** The node's name in the rewritten graph; every node there has one. */
  readonly name: string;
  readonly opType: string;
  readonly kernel: Kernel;
  /** Values it reads as integers. */
  readonly inputs: readonly string[];
  /** Whether its output is handed on as integers. */
  readonly output: 'float' | 'integer';
}

/** Which nodes become integer, and which values need a range for it. */
export interface QuantizationPlan {
  readonly nodes: readonly PlannedNode[];
  /** Values whose range calibration must find; values that share a range (both ends of a MaxPool) are listed once. */
  readonly values: readonly { readonly value: string; readonly channelAxis: number | undefined }[];
  /** Every value that is handed on as integers -> the one of `values` whose range it has, often itself. */
  readonly rangeOf: ReadonlyMap<string, string>;
  /** Nodes that could have been planned and stay float, each with the reason. */
  readonly leftFloat: readonly LeftAlone[];
}
