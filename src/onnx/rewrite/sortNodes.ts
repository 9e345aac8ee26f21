import { BeltbenchError } from '../../shared/errors.ts';
import { quoted } from '../badModel.ts';
import type { NodeProto } from '../generated/onnx_pb.ts';

/** A node whose producers are being placed, and how many of its inputs have been looked at. */
interface Visit {
  readonly node: NodeProto;
  seen: number;
}

/**
 * The nodes in topological order, which ONNX demands; those already in order keep it. Linear in the
 * number of nodes and inputs.
 *
 * @throws BeltbenchError `bad_model` when the graph has a cycle
 */
export function sortedNodes(nodes: Iterable<NodeProto>): NodeProto[] {
  const producers = new Map<string, NodeProto>();
  for (const node of nodes) {
    node.output.forEach((output) => producers.set(output, node));
  }
  const open = new Set<NodeProto>();
  const placed = new Set<NodeProto>();
  for (const root of nodes) {
    // An explicit stack: a chain of nodes may be deeper than the call stack.
    const stack: Visit[] = placed.has(root) ? [] : [{ node: root, seen: 0 }];
    open.add(root);
    for (let visit = stack.at(-1); visit !== undefined; visit = stack.at(-1)) {
      const next = nextProducer(visit, producers, placed);
      if (next === undefined) {
        stack.pop();
        placed.add(visit.node);
      } else {
        if (open.has(next)) {
          throw cycleThrough(next);
        }
        open.add(next);
        stack.push({ node: next, seen: 0 });
      }
    }
  }
  return [...placed];
}

/** The next node behind `visit`'s inputs that has no place yet. */
function nextProducer(
  visit: Visit,
  producers: ReadonlyMap<string, NodeProto>,
  placed: ReadonlySet<NodeProto>,
): NodeProto | undefined {
  const { input } = visit.node;
  while (visit.seen < input.length) {
    const name = input[visit.seen] ?? '';
    visit.seen += 1;
    const producer = name === '' ? undefined : producers.get(name);
    if (producer !== undefined && !placed.has(producer)) {
      return producer;
    }
  }
  return undefined;
}

function cycleThrough({ name, output }: NodeProto): BeltbenchError {
  return new BeltbenchError(
    'bad_model',
    `the model's graph must have no cycles, but one leads through ${quoted(output[0] ?? name)}: export it again`,
  );
}
