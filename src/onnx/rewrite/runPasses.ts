import type { GraphEditor } from './graphEditor.ts';
import type { Pass, PassReport } from './pass.ts';

/** Applies `passes` to the graph, one after the other, and says what each did. */
export function runPasses(graph: GraphEditor, passes: readonly Pass[]): PassReport[] {
  return passes.map(({ name, exact, apply }) => ({ name, exact, ...apply(graph) }));
}
