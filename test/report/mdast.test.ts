import type { PhrasingContent } from 'mdast';
import * as assert from 'uvu/assert';
import { code, enumerate, inline, paragraph, reference, table, left, toPlainText } from '../../src/report/mdast.ts';
import { toGithubMarkdown } from '../../src/report/serialize.ts';
import { describe } from '../describe.ts';
import { cellsOf, findAll, parseMarkdown, textOf } from './parse.ts';

const enumerated = (names: string[]): string => toPlainText(inline(enumerate(names)));
const types = (nodes: readonly PhrasingContent[]): string[] => nodes.map(({ type }) => type);

describe('inline text', (it) => {
  it('makes code of what stands in backticks', () => {
    const nodes = inline(['run `beltbench measure` again']);
    assert.equal(types(nodes), ['text', 'inlineCode', 'text']);
    assert.is(toPlainText(nodes), 'run beltbench measure again');
  });

  it('leaves backticks alone that do not pair up or could break a table', () => {
    for (const text of ['a ` b', 'a `` b `` c', '```x```', '`a|b`', '`a\\`']) {
      assert.equal(inline([text]), [{ type: 'text', value: text }]);
    }
  });

  it('puts everything on one line and trims its ends', () => {
    assert.is(toPlainText(inline(['  a\r\n\tb\u0007c ', code('d'), ' '])), 'a b c d');
  });

  it('enumerates names as people do', () => {
    assert.is(enumerated(['a']), 'a');
    assert.is(enumerated(['a', 'b']), 'a and b');
    assert.is(enumerated(['a', 'b', 'c']), 'a, b and c');
  });
});

describe('a reference', (it) => {
  it('is a link for the web', () => {
    assert.is(reference('https://example.org/a_b').type, 'link');
  });

  it('is a mere name for anything else', () => {
    for (const target of ['javascript:alert(1)', 'docs/lessons.md', 'data:text/html,x', 'https://a b', 'http://x<y']) {
      assert.is.not(reference(target).type, 'link', target);
    }
  });
});

describe('the markdown that is written', (it) => {
  it('keeps underscores readable between letters, and escapes those that could mark up', async () => {
    const markdown = toGithubMarkdown([paragraph('cherry_pit _x_ a__b \\_c')]);
    assert.match(markdown, /cherry_pit \\_x\\_/);
    assert.is(textOf(await parseMarkdown(markdown)), 'cherry_pit _x_ a__b \\_c');
  });

  it('keeps a dollar sign from becoming mathematics', () => {
    assert.is(toGithubMarkdown([paragraph('$5 and $6')]), '\\$5 and \\$6\n');
  });

  it('reads back cell by cell what was put into a table', async () => {
    const cells = ['a|b', '`x`', '\\', '\\|', '**b**', '<i>', '| - |', 'https://example.org', '1. x', '&amp;'];
    const markdown = toGithubMarkdown([
      table(
        [left('Name'), left('Code')],
        cells.map((cell) => [cell, code(cell)]),
      ),
    ]);
    const [read] = findAll(await parseMarkdown(markdown), 'table');
    const plain = cells.map((cell) => (cell === '`x`' ? 'x' : cell));
    assert.equal(
      read &&
        cellsOf(read)
          .slice(1)
          .map(([name]) => name),
      plain,
    );
    assert.equal(
      read &&
        cellsOf(read)
          .slice(1)
          .map(([, name]) => name),
      cells,
    );
  });

  it('does not pad a column to the width of one long sentence', () => {
    const markdown = toGithubMarkdown([
      table(
        [left('A'), left('B')],
        [
          ['x'.repeat(200), 'b'],
          ['y', 'b'],
        ],
      ),
    ]);
    assert.ok((markdown.split('\n')[3] ?? '').length < 60, markdown);
  });
});
