import type { RootContent, Text } from 'mdast';
import { gfmToMarkdown } from 'mdast-util-gfm';
import { toMarkdown, type Handle } from 'mdast-util-to-markdown';

/** Wider cells do not widen their column in the plain text, or one sentence would pad every row. */
const WIDEST_PADDED_CELL = 40;

/** The tree as GitHub-flavoured markdown. The library escapes all text; no HTML comes through. */
export function toGithubMarkdown(children: readonly RootContent[]): string {
  return toMarkdown(
    { type: 'root', children: [...children] },
    {
      extensions: [gfmToMarkdown({ stringLength: (cell) => Math.min(cell.length, WIDEST_PADDED_CELL) })],
      bullet: '-',
      listItemIndent: 'one',
      // GitHub reads $...$ as mathematics.
      unsafe: [{ character: '$', inConstruct: 'phrasing' }],
      handlers: { text: writeText },
    },
  );
}

/**
 * Text as the library escapes it, but `cherry_pit` stays readable: an underscore between letters or
 * digits can neither open nor close emphasis (CommonMark 6.2).
 */
const writeText: Handle = (node: Text, _parent, state, info) =>
  state.safe(node.value, info).replaceAll(/(?<=[A-Za-z0-9])\\_(?=[A-Za-z0-9])/g, '_');
