import * as assert from 'uvu/assert';
import { renderDecision, renderSummaryLines } from '../../src/report/markdown.ts';
import { NOT_MEASURED } from '../../src/shared/units.ts';
import { describe } from '../describe.ts';
import { FIXTURES, loadDecision, withCandidate } from './decisions.ts';
import { cellsOf, findAll, parseMarkdown, textOf } from './parse.ts';

describe('renderDecision', (it) => {
  for (const name of FIXTURES) {
    it(`gives the same bytes for the same decision: ${name}`, async () => {
      assert.is(renderDecision(await loadDecision(name)), renderDecision(await loadDecision(name)));
    });

    it(`writes tables that read back with as many cells in each row as in the header: ${name}`, async () => {
      const root = await parseMarkdown(renderDecision(await loadDecision(name)));
      const tables = findAll(root, 'table').map(cellsOf);
      assert.ok(tables.length >= 10, `only ${tables.length} tables read back`);
      for (const [header = [], ...rows] of tables) {
        assert.ok(rows.length > 0, `no rows under ${header.join(' | ')}`);
        for (const row of rows) {
          assert.is(row.length, header.length, row.join(' | '));
        }
      }
    });

    it(`leaves no cell blank: ${name}`, async () => {
      const root = await parseMarkdown(renderDecision(await loadDecision(name)));
      const blank = findAll(root, 'tableCell').filter((cell) => textOf(cell).trim() === '');
      assert.is(blank.length, 0);
    });

    it(`holds no HTML: ${name}`, async () => {
      const root = await parseMarkdown(renderDecision(await loadDecision(name)));
      assert.equal(findAll(root, 'html').map(textOf), []);
    });
  }

  it('says the notice and then the decision before anything else', async () => {
    const { children } = await parseMarkdown(renderDecision(await loadDecision('not-enough-data')));
    assert.equal(
      children.slice(0, 6).map(({ type }) => type),
      ['heading', 'blockquote', 'paragraph', 'paragraph', 'paragraph', 'heading'],
    );
    assert.match(children.slice(1, 3).map(textOf).join('\n'), /^demo: synthetic images.*\nNOT ENOUGH DATA\./);
  });

  it('says "not measured" for a candidate without records, and never a zero', async () => {
    const decision = withCandidate(await loadDecision('selected'), 'resnet18', {
      latency: null,
      accuracy: null,
      sweep: null,
      model: null,
      input_size: null,
      trained_input_size: null,
    });
    const root = await parseMarkdown(renderDecision(decision));
    const rows = findAll(root, 'table')
      .map(cellsOf)
      .filter(
        ([header]) =>
          header?.[0] === 'Model' && header[1] !== 'Kind' && header[1] !== 'Figure' && header[1] !== 'Resize',
      )
      .flatMap((table) => table.filter(([name]) => name === 'resnet18'));
    assert.is(rows.length, 11);
    assert.ok(rows.flat().filter((cell) => cell === NOT_MEASURED).length > 40);
    const numbers = rows.flatMap((row) => row.slice(1)).filter((cell) => /\d/.test(cell));
    assert.equal(numbers, []);
  });

  it('tells a stage that does not occur from one that was not measured', async () => {
    const root = await parseMarkdown(renderDecision(await loadDecision('not-enough-data')));
    const stages = findAll(root, 'table')
      .map(cellsOf)
      .find(([header]) => header?.includes('Decode'));
    const resize = stages?.[0]?.indexOf('Resize') ?? -1;
    assert.equal(
      stages?.slice(1).map((row) => [row[0], row[resize]]),
      [
        ['resnet50', 'does not occur'],
        ['resnet18', 'does not occur'],
        ['resnet50-pruned', NOT_MEASURED],
      ],
    );
  });

  it('ticks only the boxes that the decision ticks', async () => {
    const decision = await loadDecision('selected');
    const items = findAll(await parseMarkdown(renderDecision(decision)), 'listItem').filter(
      ({ checked }) => typeof checked === 'boolean',
    );
    assert.equal(
      items.map(({ checked }) => checked),
      decision.acceptance.map(({ ticked }) => ticked),
    );
  });

  it('shortens keys and hashes to 12 characters', async () => {
    for (const name of FIXTURES) {
      assert.not.match(renderDecision(await loadDecision(name)), /[0-9a-f]{13}/);
    }
  });
});

describe('renderSummaryLines', (it) => {
  for (const name of FIXTURES) {
    it(`says in three plain lines what the report's first three paragraphs say: ${name}`, async () => {
      const decision = await loadDecision(name);
      const { children } = await parseMarkdown(renderDecision(decision));
      const paragraphs = children.filter(({ type }) => type === 'paragraph').slice(0, 3);
      const lines = renderSummaryLines(decision);
      assert.is(lines.length, 3);
      assert.equal(lines, paragraphs.map(textOf));
      assert.not.match(lines.join(''), /[\p{Cc}\u202E]/u);
    });
  }
});
