import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { decisionSchema } from '../../src/records/decision.ts';
import { renderDecision } from '../../src/report/markdown.ts';
import { describe } from '../describe.ts';
import { FIXTURES, fixturePath, loadDecision } from './decisions.ts';

/** `UPDATE_GOLDEN=1 npm run test:unit` rewrites the expected reports; read the difference before it is committed. */
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';

describe('the report against its golden files', (it) => {
  it('covers every verdict', async () => {
    const decisions = await Promise.all(FIXTURES.map(loadDecision));
    assert.equal(new Set(decisions.map(({ verdict }) => verdict)), new Set(decisionSchema.shape.verdict.options));
  });

  for (const name of FIXTURES) {
    it(`renders ${name} as ${name}.md`, async () => {
      const rendered = renderDecision(await loadDecision(name));
      if (UPDATE) {
        await writeFile(fixturePath(name, 'md'), rendered);
      }
      const difference = firstDifference(rendered, await readFile(fixturePath(name, 'md'), 'utf8'));
      if (difference !== undefined) {
        throw new Error(`${name}.md: ${difference}; UPDATE_GOLDEN=1 rewrites it`);
      }
    });
  }
});

/** The first lines that differ, with how many differ in all. */
function firstDifference(actual: string, expected: string): string | undefined {
  const [have, want] = [actual.split('\n'), expected.split('\n')];
  const differing = Array.from({ length: Math.max(have.length, want.length) }, (_, index) => index).filter(
    (index) => have[index] !== want[index],
  );
  const first = differing[0];
  return first === undefined
    ? undefined
    : `${differing.length} lines differ, first line ${first + 1}\n  expected: ${want[first] ?? '(end of file)'}\n  rendered: ${have[first] ?? '(end of file)'}\n`;
}
