import type { NodeProto } from '../generated/onnx_pb.ts';
import type { GraphEditor } from './graphEditor.ts';
import type { NearMiss } from './layerNormPattern.ts';
import { readFromOutside } from './matching.ts';
import { isPolynomial, polynomialOf, type PolynomialValue, variablesOf } from './polynomial.ts';

/** A GELU written out as single operators. */
export interface GeluPattern {
  readonly source: string;
  readonly approximate: 'none' | 'tanh';
  /** The node whose output the GELU is. */
  readonly last: NodeProto;
}

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

/** What Erf or Tanh is taken of, as a polynomial in x; both are then used as x * (1 + result) / 2. */
const FORMS = {
  Erf: { approximate: 'none', inside: { '1,0': Math.SQRT1_2 }, text: 'x / sqrt(2)' },
  Tanh: {
    approximate: 'tanh',
    inside: { '1,0': SQRT_2_OVER_PI, '3,0': 0.044715 * SQRT_2_OVER_PI },
    text: 'sqrt(2 / pi) * (x + 0.044715 * x^3)',
  },
} as const;

const OUTSIDE = { '1,0': 0.5, '1,1': 0.5 };

/** How many operators may follow Erf or Tanh: adding 1 and multiplying with x and 0.5 are 3. */
const MOST_STEPS = 6;

/**
 * The GELU (Hendrycks and Gimpel 2016) around an Erf or Tanh node, in whatever order its factors
 * and terms are combined. `undefined` for a Tanh that is a plain one.
 */
export function matchGelu(graph: GraphEditor, node: NodeProto): GeluPattern | NearMiss | undefined {
  const [argument = ''] = node.input;
  const [result = ''] = node.output;
  const { approximate, inside, text } = node.opType === 'Erf' ? FORMS.Erf : FORMS.Tanh;
  const candidates = variablesOf(graph, argument).flatMap((source) => {
    const polynomial = polynomialOf(graph, argument, [source]);
    return polynomial === undefined ? [] : [{ source, polynomial }];
  });
  const argumentOf = candidates.find(({ polynomial }) => isPolynomial(polynomial, inside));
  if (argumentOf === undefined) {
    const looksLikeOne = node.opType === 'Erf' || candidates.some(({ polynomial }) => polynomial.terms.has('3,0'));
    return looksLikeOne ? { reason: `its ${node.opType} is not taken of ${text}` } : undefined;
  }
  const { source, polynomial } = argumentOf;
  const outside = outsideOf(graph, source, result);
  if (outside === undefined) {
    return { reason: `nothing computes x * (1 + ${node.opType}) / 2 and only that of its ${node.opType}` };
  }
  const pattern = new Set([node, ...polynomial.nodes, ...outside.value.nodes]);
  const leak = readFromOutside(graph, pattern, outside.last);
  if (leak !== undefined) {
    return { reason: `its intermediate value "${leak}" is read by something else` };
  }
  if (graph.shape(outside.last.output[0] ?? '')?.join() !== graph.shape(source)?.join()) {
    return { reason: 'a constant in it stretches the value' };
  }
  return { source, approximate, last: outside.last };
}

/** The value behind `result` that is `source * (1 + result) / 2`. */
function outsideOf(
  graph: GraphEditor,
  source: string,
  result: string,
): { last: NodeProto; value: PolynomialValue } | undefined {
  let value = result;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const last = graph.onlyConsumer(value);
    value = last?.output[0] ?? '';
    const polynomial = last === undefined ? undefined : polynomialOf(graph, value, [source, result]);
    if (last === undefined || polynomial === undefined) {
      return undefined;
    }
    if (isPolynomial(polynomial, OUTSIDE)) {
      return { last, value: polynomial };
    }
  }
  return undefined;
}
