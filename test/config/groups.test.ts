import * as assert from 'uvu/assert';
import { groupCandidates, referenceProblem, type Grouped } from '../../src/config/groups.ts';
import { describe } from '../describe.ts';

const candidate = (id: string, group: string, isReference = false): Grouped => ({ id, group, isReference });

describe('groupCandidates', (it) => {
  it("keeps the study's order of groups and of their members", () => {
    const groups = groupCandidates([candidate('b', 'x'), candidate('c', 'y'), candidate('a', 'x')]);
    assert.equal(
      [...groups].map(([name, members]) => [name, members.map(({ id }) => id)]),
      [
        ['x', ['b', 'a']],
        ['y', ['c']],
      ],
    );
  });
});

describe('referenceProblem', (it) => {
  it('finds nothing wrong with one reference per group, or none', () => {
    assert.is(
      referenceProblem([
        candidate('a', 'x', true),
        candidate('b', 'x'),
        candidate('c', 'y', true),
        candidate('d', 'z'),
      ]),
      undefined,
    );
  });

  it('names two references of one group, and the way out', () => {
    assert.match(
      referenceProblem([candidate('a', 'x', true), candidate('b', 'x', true)]) ?? '',
      /one candidate with `reference: true`, received a, b in group `x`; keep it at one/,
    );
  });
});
