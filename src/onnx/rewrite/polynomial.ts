import type { NodeProto } from '../generated/onnx_pb.ts';
import type { GraphEditor } from './graphEditor.ts';
import { closeTo, isOp, scalarOf } from './matching.ts';

/** Powers of up to two values, such as x^3 * e: the key is `3,1`, and `0,0` is the constant. */
export type Polynomial = ReadonlyMap<string, number>;

/** A value as a polynomial, and the nodes that compute it so. */
export interface PolynomialValue {
  readonly terms: Polynomial;
  readonly nodes: readonly NodeProto[];
}

const OPERATORS = ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Neg'];

/** No activation function is nested deeper, nor has a higher power. */
const DEEPEST = 10;
const HIGHEST_POWER = 4;

/**
 * `value` as a polynomial in one or two values, whatever the order an exporter adds
 * and multiplies in; `undefined` when anything else is computed of them. Only constants of one
 * element count as numbers.
 */
export function polynomialOf(
  graph: GraphEditor,
  value: string,
  variables: readonly [first: string, second?: string],
  depth = 0,
): PolynomialValue | undefined {
  if (variables.includes(value)) {
    return { terms: new Map([[value === variables[0] ? '1,0' : '0,1', 1]]), nodes: [] };
  }
  const constant = scalarOf(graph, value);
  if (constant !== undefined) {
    return { terms: new Map([['0,0', constant]]), nodes: [] };
  }
  const node = graph.producer(value);
  if (depth === DEEPEST || !isOp(node, ...OPERATORS)) {
    return undefined;
  }
  // An exponent is a number of any type, which `combined` reads.
  const inputs = node.opType === 'Pow' ? node.input.slice(0, 1) : node.input;
  const operands = inputs.map((input) => polynomialOf(graph, input, variables, depth + 1));
  const known = operands.filter((operand) => operand !== undefined);
  const [left, right] = known.map(({ terms }) => terms);
  const terms =
    left === undefined || known.length < operands.length ? undefined : combined(graph, node, left, right ?? left);
  return terms === undefined ? undefined : { terms, nodes: [node, ...known.flatMap(({ nodes }) => nodes)] };
}

/** Whether a polynomial has these coefficients, as far as float32 can tell, and no others. */
export function isPolynomial({ terms }: PolynomialValue, wanted: Readonly<Record<string, number>>): boolean {
  return (
    terms.size === Object.keys(wanted).length &&
    Object.entries(wanted).every(([powers, coefficient]) => closeTo(terms.get(powers) ?? Number.NaN, coefficient))
  );
}

/** What `value` may be a polynomial in, the nearest first: all that its operators read and is no constant. */
export function variablesOf(graph: GraphEditor, value: string): readonly string[] {
  const found = new Set([value]);
  let front: readonly string[] = [value];
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    front = front.flatMap((name) => {
      const node = graph.producer(name);
      return isOp(node, ...OPERATORS) ? node.input.filter((input) => !found.has(input)) : [];
    });
    front = [...new Set(front)].filter((name) => scalarOf(graph, name) === undefined);
    front.forEach((name) => found.add(name));
  }
  return [...found];
}

function combined(graph: GraphEditor, node: NodeProto, left: Polynomial, right: Polynomial): Polynomial | undefined {
  switch (node.opType) {
    case 'Add':
      return sum(left, right, 1);
    case 'Sub':
      return sum(left, right, -1);
    case 'Mul':
      return product(left, right);
    case 'Neg':
      return product(left, new Map([['0,0', -1]]));
    case 'Div': {
      const divisor = right.size === 1 ? right.get('0,0') : undefined;
      return divisor === undefined ? undefined : product(left, new Map([['0,0', 1 / divisor]]));
    }
    default:
      return power(left, graph.numbers(node.input[1] ?? ''));
  }
}

function power(base: Polynomial, exponents: readonly number[] | undefined): Polynomial | undefined {
  const [exponent, ...others] = exponents ?? [];
  if (exponent === undefined || others.length > 0 || exponent < 1 || exponent > HIGHEST_POWER) {
    return undefined;
  }
  let result: Polynomial | undefined = base;
  for (let count = 1; count < exponent && result !== undefined; count += 1) {
    result = product(result, base);
  }
  return Number.isInteger(exponent) ? result : undefined;
}

function sum(a: Polynomial, b: Polynomial, factor: 1 | -1): Polynomial {
  const terms = new Map(a);
  for (const [powers, coefficient] of b) {
    terms.set(powers, (terms.get(powers) ?? 0) + factor * coefficient);
  }
  return terms;
}

function product(a: Polynomial, b: Polynomial): Polynomial | undefined {
  const terms = new Map<string, number>();
  for (const [left, factor] of a) {
    for (const [right, coefficient] of b) {
      const [x, y] = [0, 1].map((at) => Number(left.split(',')[at]) + Number(right.split(',')[at]));
      if (x === undefined || y === undefined || x > HIGHEST_POWER || y > HIGHEST_POWER) {
        return undefined;
      }
      const powers = `${x},${y}`;
      terms.set(powers, (terms.get(powers) ?? 0) + factor * coefficient);
    }
  }
  return terms;
}
