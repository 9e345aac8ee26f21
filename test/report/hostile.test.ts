import * as assert from 'uvu/assert';
import { renderDecision } from '../../src/report/markdown.ts';
import { describe } from '../describe.ts';
import { loadDecision } from './decisions.ts';
import { findAll, parseMarkdown, textOf } from './parse.ts';

const HOSTILE_ID = 'a|`b`<script>alert(1)</script>';

describe('a report of hostile text', (it) => {
  it('links to web addresses only, and shows no picture', async () => {
    const root = await parseMarkdown(renderDecision(await loadDecision('hostile-text')));
    assert.equal(
      findAll(root, 'link').map(({ url }) => url),
      ['https://example.org/a|b_c(d)'],
    );
    assert.equal(findAll(root, 'image'), []);
    assert.equal(findAll(root, 'linkReference'), []);
    assert.equal(findAll(root, 'footnoteReference'), []);
  });

  it('lets no text begin a heading, a list, a rule or a code block of its own', async () => {
    const [hostile, plain] = await Promise.all(
      (['hostile-text', 'not-enough-data'] as const).map(async (name) =>
        parseMarkdown(renderDecision(await loadDecision(name))),
      ),
    );
    if (hostile === undefined || plain === undefined) {
      throw new Error('two reports expected');
    }
    assert.is(findAll(hostile, 'code').length, findAll(plain, 'code').length);
    assert.equal(findAll(hostile, 'thematicBreak'), []);
    assert.is(findAll(hostile, 'heading').filter(({ depth }) => depth === 1).length, 1);
    const titles = findAll(hostile, 'heading').map(textOf);
    assert.not.ok(titles.includes('t') || titles.includes('heading?') || titles.includes('out'), titles.join('\n'));
  });

  it('shows the text itself: a name with markup in it reads as it was given', async () => {
    const root = await parseMarkdown(renderDecision(await loadDecision('hostile-text')));
    assert.ok(findAll(root, 'tableCell').some((cell) => textOf(cell) === HOSTILE_ID));
    assert.ok(findAll(root, 'heading').some((title) => textOf(title) === HOSTILE_ID));
    assert.ok(findAll(root, 'tableCell').some((cell) => textOf(cell) === 'pit|_x_'));
  });

  it('drops what a terminal or a reader cannot see', async () => {
    assert.not.match(renderDecision(await loadDecision('hostile-text')), /(?!\n)[\p{Cc}\u202E]/u);
  });
});
