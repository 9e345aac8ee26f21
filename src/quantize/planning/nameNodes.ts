import type { GraphEditor } from '../../onnx/rewrite/graphEditor.ts';

/** Gives every node a name of its own: exporters leave names out, and copies of a node share one. */
export function nameNodes(graph: GraphEditor): void {
  const taken = new Set<string>();
  for (const node of graph.nodes) {
    const hint = node.name === '' ? `node_${node.output[0] ?? node.opType}` : node.name;
    let name = hint;
    for (let number = 1; taken.has(name); number += 1) {
      name = `${hint}_${number}`;
    }
    taken.add(name);
    node.name = name;
  }
  graph.changed();
}
