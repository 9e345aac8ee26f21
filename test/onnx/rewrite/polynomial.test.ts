import * as assert from 'uvu/assert';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import { isPolynomial, polynomialOf, variablesOf } from '../../../src/onnx/rewrite/polynomial.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, value } from '../build.ts';

/** (x - 3) * (x + 3) / 2 - (-y) * x^2, and below it what is no polynomial. */
const graph = new GraphEditor(
  model({
    input: [value('x', [2]), value('y', [2])],
    output: [value('all', [2]), value('root', [2])],
    initializer: [floats('three', [], [3]), floats('two', [], [2]), int64s('square', [2]), floats('pair', [2], [1, 2])],
    node: [
      node('Sub', ['x', 'three'], ['less']),
      node('Add', ['three', 'x'], ['more']),
      node('Mul', ['less', 'more'], ['product']),
      node('Div', ['product', 'two'], ['halved']),
      node('Neg', ['y'], ['negative']),
      node('Pow', ['x', 'square'], ['squared']),
      node('Mul', ['negative', 'squared'], ['mixed']),
      node('Sub', ['halved', 'mixed'], ['all']),
      node('Div', ['two', 'x'], ['reciprocal']),
      node('Mul', ['x', 'pair'], ['weighted']),
      node('Sqrt', ['x'], ['root']),
    ],
  }),
);

describe('polynomialOf', (it) => {
  it('multiplies out what a graph computes of two values', () => {
    const polynomial = polynomialOf(graph, 'all', ['x', 'y']);
    assert.equal(Object.fromEntries(polynomial?.terms ?? []), { '2,0': 0.5, '1,0': 0, '0,0': -4.5, '2,1': 1 });
    assert.is(new Set(polynomial?.nodes.map(({ opType }) => opType)).size, 6);
  });

  it('knows none for a division by a value, a constant of more than one number or another operator', () => {
    for (const name of ['reciprocal', 'weighted', 'root']) {
      assert.is(polynomialOf(graph, name, ['x']), undefined, name);
    }
  });

  it('stops at the values it is asked for, whatever computes them', () => {
    assert.equal(Object.fromEntries(polynomialOf(graph, 'halved', ['product'])?.terms ?? []), { '1,0': 0.5 });
  });
});

describe('isPolynomial', (it) => {
  it('compares every coefficient, as closely as float32 stores them', () => {
    const halved = polynomialOf(graph, 'halved', ['product']);
    assert.ok(halved);
    const of = (wanted: Readonly<Record<string, number>>): boolean =>
      halved !== undefined && isPolynomial(halved, wanted);
    assert.ok(of({ '1,0': 0.5 + 1e-8 }));
    assert.not(of({ '1,0': 0.50001 }));
    assert.not(of({ '1,0': 0.5, '0,0': 1 }));
    assert.not(of({ '0,1': 0.5 }));
  });
});

describe('variablesOf', (it) => {
  it('lists what a value is computed of, the nearest first and no constants', () => {
    assert.equal(variablesOf(graph, 'halved'), ['halved', 'product', 'less', 'more', 'x']);
  });
});
