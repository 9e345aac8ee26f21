import * as assert from 'uvu/assert';
import type { NodeProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { sortedNodes } from '../../../src/onnx/rewrite/sortNodes.ts';
import { describe } from '../../describe.ts';
import { rejects } from '../../throws.ts';
import { node } from '../build.ts';

function outputs(nodes: readonly NodeProto[]): string[] {
  return nodes.flatMap(({ output }) => output);
}

/** v0 -> v1 -> ... */
function chain(length: number): NodeProto[] {
  return Array.from({ length }, (_, index) => node('Relu', [`v${index}`], [`v${index + 1}`]));
}

describe('sortedNodes', (it) => {
  it('leaves nodes that are in order as they are', () => {
    const nodes = [node('Relu', ['x'], ['b']), node('Relu', ['x'], ['a']), node('Add', ['a', 'b'], ['c'])];
    assert.equal(sortedNodes(nodes), nodes);
  });

  it('puts what a node reads before it, and moves nothing else', () => {
    const sorted = sortedNodes([
      node('Relu', ['x'], ['first']),
      node('Add', ['left', 'right'], ['sum']),
      node('Relu', ['x'], ['right']),
      node('Relu', ['first'], ['left']),
      node('Relu', ['x'], ['last']),
    ]);
    assert.equal(outputs(sorted), ['first', 'left', 'right', 'sum', 'last']);
  });

  it('keeps nodes whose outputs nobody reads, and nodes without inputs or outputs', () => {
    assert.is(sortedNodes([node('Constant', [], ['c']), node('Relu', ['x'], [])]).length, 2);
  });

  it('does not take left-out optional inputs and outputs for a connection', () => {
    const nodes = [node('Clip', ['x', '', 'high'], ['y']), node('LayerNormalization', ['y'], ['z', '', 'deviation'])];
    assert.equal(sortedNodes(nodes), nodes);
  });

  it('sorts a chain of 50,000 nodes that is written backwards', () => {
    const sorted = sortedNodes(chain(50_000).toReversed());
    assert.is(sorted.length, 50_000);
    assert.ok(sorted.every(({ output }, index) => output[0] === `v${index + 1}`));
  });

  it('sorts a node of 50,000 inputs that stands before all of them', () => {
    const parts = Array.from({ length: 50_000 }, (_, index) => node('Relu', ['x'], [`p${index}`]));
    const sorted = sortedNodes([node('Sum', outputs(parts), ['sum']), ...parts]);
    assert.is(sorted.at(-1)?.opType, 'Sum');
  });

  it('refuses a cycle and names a value on it', async () => {
    const loop = [node('Relu', ['x'], ['start']), node('Add', ['start', 'c'], ['b']), node('Relu', ['b'], ['c'])];
    await rejects(() => sortedNodes(loop), /no cycles, but one leads through "[bc]": export it again$/);
  });

  it('refuses a node that reads its own output', async () => {
    await rejects(() => sortedNodes([node('Relu', ['a'], ['a'])]), /one leads through "a"/);
  });
});
