import type { GraphEditor } from './graphEditor.ts';

/** A place that looked like a pass's business and was left as it is. */
export interface LeftAlone {
  /** Name of the node where the pattern ends, or of its output. */
  readonly node: string;
  readonly reason: string;
}

/** What a pass did. */
export interface PassResult {
  /** Places that were rewritten. */
  readonly rewritten: number;
  readonly leftAlone: readonly LeftAlone[];
}

/** One rewriting of a graph. It finds its pattern by what nodes compute, never by their names. */
export interface Pass {
  readonly name: string;
  /** Whether the outputs stay equal to rounding; the others stand behind the accuracy gate. */
  readonly exact: boolean;
  readonly apply: (graph: GraphEditor) => PassResult;
}

/** What one rewriting pass did to the graph. */
export interface PassReport extends PassResult {
  readonly name: string;
  readonly exact: boolean;
}
