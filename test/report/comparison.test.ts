import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { comparisonSchema, type Comparison } from '../../src/records/comparison.ts';
import { renderComparison } from '../../src/report/comparison.ts';
import { describe } from '../describe.ts';
import { cellsOf, findAll, parseMarkdown, textOf } from './parse.ts';

const UPDATE = process.env['UPDATE_GOLDEN'] === '1';

function fixture(name: string): URL {
  return new URL(`../fixtures/comparisons/${name}`, import.meta.url);
}

async function load(name: 'int8-group' | 'hostile-text'): Promise<Comparison> {
  return comparisonSchema.parse(JSON.parse(await readFile(fixture(`${name}.json`), 'utf8')));
}

async function tables(comparison: Comparison): Promise<string[][][]> {
  return findAll(await parseMarkdown(renderComparison(comparison, 'chart.svg')), 'table').map(cellsOf);
}

describe('the comparison report', (it) => {
  for (const name of ['int8-group', 'hostile-text'] as const) {
    it(`of ${name} is its golden file`, async () => {
      const rendered = renderComparison(await load(name), `compare-${name}.svg`);
      if (UPDATE) {
        await writeFile(fixture(`${name}.md`), rendered);
      }
      assert.fixture(rendered, await readFile(fixture(`${name}.md`), 'utf8'));
    });
  }

  it('gives the verdicts of every variant before anything else, and then the chart', async () => {
    const root = await parseMarkdown(renderComparison(await load('int8-group'), 'chart.svg'));
    const items = findAll(root, 'listItem').slice(0, 6).map(textOf);
    assert.is(items[0], 'convnextv2_tiny.int8: faster; accuracy equivalent; pit recall equivalent.');
    assert.match(items[1] ?? '', /^grn_frozen: .*WORSE/);
    assert.match(items[3] ?? '', /^naive: SLOWER/);
    assert.match(items[4] ?? '', /^short: speed NOT ENOUGH DATA/);
    assert.match(items[5] ?? '', /^broken: speed FAILED/);
    assert.equal(
      findAll(root, 'image').map(({ url }) => url),
      ['chart.svg'],
    );
  });

  it('lists the first 50 flips, the gravest first, and says how many there are', async () => {
    const comparison = await load('int8-group');
    const all = comparison.variants[1]?.flips ?? [];
    assert.ok(all.length > 50);
    const list = (await tables(comparison)).find(
      ([head, ...rows]) => head?.[0] === 'Image' && rows.some(([id]) => id === all[0]?.id),
    );
    assert.is(list?.length, 51);
    assert.is(list?.[1]?.at(-1), 'pit now missed');
    assert.match(renderComparison(comparison, 'c.svg'), new RegExp(`The first 50 of ${all.length} images`));
  });

  it('shows what was not measured as such, never as a zero', async () => {
    const [speeds, answers] = await tables(await load('int8-group'));
    const rows = [speeds, answers].map((found) => found?.find(([id]) => id === 'broken'));
    assert.equal(rows[0]?.slice(1, 4), ['not measured', 'not measured', 'not measured']);
    assert.equal(rows[1]?.slice(1, 3), ['not measured', 'FAILED']);
  });

  it('lets no text of the study become markup', async () => {
    const root = await parseMarkdown(renderComparison(await load('hostile-text'), 'chart.svg'));
    assert.equal(findAll(root, 'link'), []);
    assert.is(findAll(root, 'image').length, 1);
    assert.equal(findAll(root, 'html'), []);
    assert.is(findAll(root, 'code').length, 1);
    assert.is(findAll(root, 'heading').filter(({ depth }) => depth === 1).length, 1);
    assert.ok(findAll(root, 'tableCell').some((cell) => textOf(cell) === 'val/a|`b`<img src=x>.png'));
  });
});
