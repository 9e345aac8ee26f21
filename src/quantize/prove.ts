import { join } from 'node:path';
import { opKey } from '../onnx/node.ts';
import { readModel } from '../onnx/read.ts';
import { GraphEditor } from '../onnx/rewrite/graphEditor.ts';
import type { LeftAlone } from '../onnx/rewrite/pass.ts';
import { besideModule, startIsolate } from '../runtime/isolate.ts';
import { OptimizedGraph } from './proof/optimizedGraph.ts';
import type { Kernel, PlannedNode } from './plan.ts';
import { withScratchFolder } from './scratchFolder.ts';
import { whyFloat } from './proof/whyFloat.ts';

/** A planned node and the integer kernel that the runtime made of it. */
export interface ProvenNode {
  readonly node: string;
  readonly kernel: string;
}

/** Whether the runtime computes an INT8 file with integers, and with which kernels. */
export interface FusionProof {
  /** Whether every planned node became an integer kernel and no weight is turned into floats. */
  readonly proven: boolean;
  /** How many planned nodes became which kernel, by its operator. */
  readonly kernels: Readonly<Record<string, number>>;
  /** Those nodes, in the plan's order. */
  readonly nodes: readonly ProvenNode[];
  /** Nodes that stay float against the plan, in its order, and why; empty when proven. */
  readonly unfused: readonly LeftAlone[];
}

export interface DumpParams {
  readonly modelPath: string;
  readonly dumpPath: string;
}

/** Which operators count as the kernel that was planned: any integer product will do for a linear layer. */
const PRODUCTS = [
  'com.microsoft.QGemm',
  'QLinearMatMul',
  'com.microsoft.MatMulIntegerToFloat',
  'com.microsoft.DynamicQuantizeMatMul',
];
const ACCEPTED: Readonly<Record<Exclude<Kernel, 'dropped'>, readonly string[]>> = {
  QLinearConv: ['QLinearConv', 'com.microsoft.QLinearConv'],
  QGemm: PRODUCTS,
  QLinearMatMul: PRODUCTS,
  MatMulIntegerToFloat: PRODUCTS,
  DynamicQuantizeMatMul: PRODUCTS,
  QLinearAdd: ['com.microsoft.QLinearAdd'],
  QLinearGlobalAveragePool: ['com.microsoft.QLinearGlobalAveragePool'],
};

/**
 * Loads an INT8 file as it will run, with all optimizations, in a child process, and looks at the
 * graph that the runtime made of it: an unfused QDQ file runs without a warning, and slower than
 * the float model. Another CPU architecture may fuse otherwise.
 *
 * @throws BeltbenchError `bad_model` when the runtime refuses the file
 */
export async function proveFusion(modelPath: string, planned: readonly PlannedNode[]): Promise<FusionProof> {
  return await withScratchFolder(async (folder) => {
    const dumpPath = join(folder, 'optimized.onnx');
    const child = startIsolate(besideModule(import.meta.url, 'proveChild'), modelPath);
    try {
      await child.call('dump', { modelPath, dumpPath } satisfies DumpParams);
    } finally {
      await child.close();
    }
    const file = await readModel(modelPath);
    const dump = await readModel(dumpPath);
    return judge(new OptimizedGraph(file.graph, dump.graph), new GraphEditor(file.model), planned);
  });
}

function judge(optimized: OptimizedGraph, file: GraphEditor, planned: readonly PlannedNode[]): FusionProof {
  const kernels: Record<string, number> = {};
  const nodes: ProvenNode[] = [];
  const unfused: LeftAlone[] = [];
  for (const plan of planned) {
    const node = optimized.inFile(plan.name);
    const successors = node === undefined ? [] : optimized.successorsOf(node);
    if (plan.kernel === 'dropped') {
      if (successors.some(({ input }) => !optimized.isInteger(input[0]))) {
        unfused.push({ node: plan.name, reason: 'it is given floats' });
      }
      continue;
    }
    const accepted = ACCEPTED[plan.kernel];
    const kernel = successors.find((successor) => accepted.includes(opKey(successor)));
    if (kernel !== undefined) {
      kernels[kernel.opType] = (kernels[kernel.opType] ?? 0) + 1;
      nodes.push({ node: plan.name, kernel: kernel.opType });
    } else {
      const reason = node === undefined ? 'the file has no node of this name' : whyFloat(file, node, successors);
      unfused.push({ node: plan.name, reason });
    }
  }
  const weight = optimized.dequantizedWeight;
  if (weight !== undefined && unfused.length === 0) {
    unfused.push({ node: weight.name, reason: `it turns the stored ${weight.input[0]} into floats on every run` });
  }
  return { proven: unfused.length === 0, kernels, nodes, unfused };
}
