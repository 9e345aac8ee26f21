import * as assert from 'uvu/assert';
import type { Pass } from '../../../src/onnx/rewrite/pass.ts';
import { describe } from '../../describe.ts';
import { floats, model, node, value } from '../build.ts';
import { assertSameOutputs, fixtureNames, rewritten } from './run.ts';

function scaled(factor: number) {
  return model({
    input: [value('x', ['N', 3])],
    output: [value('y', ['N', 3])],
    initializer: [floats('factor', [], [factor])],
    node: [node('Mul', ['x', 'factor'], ['y'])],
  });
}

async function fails(run: () => Promise<void>, pattern: RegExp): Promise<void> {
  let message = 'nothing was thrown';
  await run().catch((error: unknown) => {
    message = String(error);
  });
  assert.match(message, pattern);
}

describe('the comparison of two models', (it) => {
  it('accepts a difference within the tolerance and refuses one beyond it', async () => {
    await assertSameOutputs(scaled(1), scaled(1.000001));
    await fails(
      () => assertSameOutputs(scaled(1), scaled(1.0001)),
      /y differs by 0\.000(1|09)\d* of its largest number/,
    );
    await fails(() => assertSameOutputs(scaled(1), scaled(Number.NaN)), /y differs by NaN/);
  });

  it('refuses outputs of another name or shape', async () => {
    const renamed = scaled(1);
    renamed.graph?.output.splice(0, 1, value('z', [1, 3]));
    renamed.graph?.node.splice(0, 1, node('Mul', ['x', 'factor'], ['z']));
    await fails(() => assertSameOutputs(scaled(1), renamed), /the outputs are z, not y/);
    const longer = scaled(1);
    longer.graph?.node.splice(0, 1, node('Concat', ['x', 'x'], ['y'], { axis: 1 }));
    longer.graph?.output.splice(0, 1, value('y', [1, 6]));
    await fails(() => assertSameOutputs(scaled(1), longer), /y has the shape \[1,6\], not \[1,3\]/);
  });

  it('has files of both exporters to compare', () => {
    for (const exporter of ['torchscript', 'dynamo']) {
      assert.ok(fixtureNames().filter((name) => name.includes(`.${exporter}.`)).length >= 7, exporter);
    }
  });
});

describe('runPasses', (it) => {
  it('applies the passes in their order and reports what each did', () => {
    const order: string[] = [];
    const pass = (name: string, exact: boolean, rewrites: number): Pass => ({
      name,
      exact,
      apply: () => {
        order.push(name);
        return { rewritten: rewrites, leftAlone: [{ node: 'n', reason: name }] };
      },
    });
    const { reports } = rewritten(scaled(1), pass('second', false, 2), pass('first', true, 0));
    assert.equal(order, ['second', 'first']);
    assert.equal(reports, [
      { name: 'second', exact: false, rewritten: 2, leftAlone: [{ node: 'n', reason: 'second' }] },
      { name: 'first', exact: true, rewritten: 0, leftAlone: [{ node: 'n', reason: 'first' }] },
    ]);
  });
});
