import type { NodeProto } from '../generated/onnx_pb.ts';

/** The nodes in topological order, which ONNX demands; those already in order keep it. */
export function sortedNodes(nodes: readonly NodeProto[]): NodeProto[] {
  const producers = new Map(nodes.flatMap((node) => node.output.map((output) => [output, node] as const)));
  const placed = new Set<NodeProto>();
  const sorted: NodeProto[] = [];
  for (const root of nodes) {
    // An explicit stack: a chain of nodes may be deeper than the call stack.
    const stack = [root];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const next = node.input
        .map((input) => producers.get(input))
        .find((producer) => producer !== undefined && !placed.has(producer));
      if (placed.has(node) || next === undefined) {
        stack.pop();
        if (!placed.has(node)) {
          placed.add(node);
          sorted.push(node);
        }
        continue;
      }
      if (stack.includes(next)) {
        throw new Error(`the graph has a cycle through ${next.output[0] ?? next.name}`);
      }
      stack.push(next);
    }
  }
  return sorted;
}
