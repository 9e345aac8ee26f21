import type { GraphProto } from '../generated/onnx_pb.ts';

/** Gives names that no value or node of a graph bears. */
export class FreshNames {
  readonly #taken: Set<string>;

  constructor({ node, initializer, sparseInitializer, input, output }: GraphProto) {
    this.#taken = new Set([
      ...[...input, ...output, ...initializer].map(({ name }) => name),
      ...sparseInitializer.map(({ values }) => values?.name ?? ''),
      ...node.flatMap((each) => [each.name, ...each.input, ...each.output]),
    ]);
  }

  /** `hint` itself when it is free, else with the first free number behind it. */
  fresh(hint: string): string {
    let name = hint;
    for (let number = 1; this.#taken.has(name) || this.#taken.has(`node_${name}`); number += 1) {
      name = `${hint}_${number}`;
    }
    this.#taken.add(name);
    return name;
  }
}
