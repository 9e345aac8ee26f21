import type { Nodes, Root, Table } from 'mdast';
import { parsers } from 'prettier/plugins/markdown';

/**
 * The markdown as Prettier's parser reads it: GFM with its tables and task lists, and an
 * implementation that shares nothing with the one that wrote it.
 */
export async function parseMarkdown(markdown: string): Promise<Root> {
  // The plugin's types leave the options and the tree open; its markdown parser gives mdast.
  return (await parsers.markdown.parse(markdown, { originalText: markdown } as never)) as Root;
}

/** Every node of one type, in the order of the text. */
export function findAll<T extends Nodes['type']>(node: Nodes, type: T): Extract<Nodes, { type: T }>[] {
  const own = node.type === type ? [node as Extract<Nodes, { type: T }>] : [];
  return 'children' in node ? [...own, ...node.children.flatMap((child) => findAll(child, type))] : own;
}

/** What a reader sees of a node. */
export function textOf(node: Nodes): string {
  if ('children' in node) {
    return node.children.map(textOf).join('');
  }
  return 'value' in node ? node.value : '';
}

/** The texts of a table's cells, row by row, the header first. */
export function cellsOf(table: Table): string[][] {
  return table.children.map((row) => row.children.map(textOf));
}
