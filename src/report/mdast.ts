import type { BlockContent, ListItem, PhrasingContent, RootContent, Table, TableRow } from 'mdast';

/** A piece of a line: a node, or text of whatever origin, in which only `code` in backticks is markup. */
export type Inline = string | PhrasingContent;
/** One line or cell. */
export type Line = Inline | readonly Inline[];

export interface Column {
  readonly title: Line;
  readonly align: 'left' | 'right';
}

export function heading(depth: 1 | 2 | 3, ...parts: readonly Inline[]): RootContent {
  return { type: 'heading', depth, children: inline(parts) };
}

export function paragraph(...parts: readonly Inline[]): BlockContent {
  return { type: 'paragraph', children: inline(parts) };
}

export function quote(...parts: readonly Inline[]): RootContent {
  return { type: 'blockquote', children: [paragraph(...parts)] };
}

export function strong(...parts: readonly Inline[]): PhrasingContent {
  return { type: 'strong', children: inline(parts) };
}

/** A name as it stands in files: in code, unless a table could not hold it that way. */
export function code(name: string): PhrasingContent {
  const value = oneLine(name).trim();
  return /^[^`|\\]+$/.test(value) ? { type: 'inlineCode', value } : { type: 'text', value };
}

/** A link for a web address; what is none, such as a file name or a script, stays a name. */
export function reference(target: string): PhrasingContent {
  return /^https?:\/\/[^\s<>"]+$/i.test(target)
    ? { type: 'link', url: target, children: [{ type: 'text', value: target }] }
    : code(target);
}

export function codeBlock(lines: readonly string[]): RootContent {
  return { type: 'code', lang: 'sh', value: lines.map(oneLine).join('\n') };
}

export function bullets(items: readonly Line[]): RootContent {
  return { type: 'list', spread: false, children: items.map((item) => listItem(item)) };
}

export function taskList(tasks: readonly { readonly done: boolean; readonly line: Line }[]): RootContent {
  return { type: 'list', spread: false, children: tasks.map(({ done, line }) => listItem(line, done)) };
}

function listItem(line: Line, checked?: boolean): ListItem {
  return {
    type: 'listItem',
    spread: false,
    ...(checked !== undefined && { checked }),
    children: [paragraph(...partsOf(line))],
  };
}

export const left = (title: Line): Column => ({ title, align: 'left' });
export const right = (title: Line): Column => ({ title, align: 'right' });

export function table(columns: readonly Column[], rows: readonly (readonly Line[])[]): Table {
  return {
    type: 'table',
    align: columns.map(({ align }) => align),
    children: [tableRow(columns.map(({ title }) => title)), ...rows.map(tableRow)],
  };
}

function tableRow(cells: readonly Line[]): TableRow {
  return { type: 'tableRow', children: cells.map((cell) => ({ type: 'tableCell', children: inline(partsOf(cell)) })) };
}

/** The names one after the other: "a", "a and b", "a, b and c". */
export function enumerate(names: readonly string[]): Inline[] {
  return names.flatMap((name, index) => {
    const separator = index === 0 ? '' : index === names.length - 1 ? ' and ' : ', ';
    return [separator, code(name)];
  });
}

/** The nodes of one line, without space at its ends, which markdown would have to encode. */
export function inline(parts: readonly Inline[]): PhrasingContent[] {
  const nodes = parts.flatMap((part) => (typeof part === 'string' ? prose(part) : [part]));
  return nodes
    .map((node, index) => {
      if (node.type !== 'text') {
        return node;
      }
      const start = index === 0 ? node.value.trimStart() : node.value;
      return { ...node, value: index === nodes.length - 1 ? start.trimEnd() : start };
    })
    .filter((node) => node.type !== 'text' || node.value !== '');
}

/** What a line says, without markup. */
export function toPlainText(nodes: readonly PhrasingContent[]): string {
  return nodes
    .map((node) => ('children' in node ? toPlainText(node.children) : 'value' in node ? node.value : ''))
    .join('');
}

function partsOf(line: Line): readonly Inline[] {
  return typeof line === 'string' || 'type' in line ? [line] : line;
}

/** Splits text at `code`, as the messages of the other rooms write it. */
function prose(text: string): PhrasingContent[] {
  return oneLine(text)
    .split(/(?<!`)`([^`|\\]+)`(?!`)/)
    .map((value, index): PhrasingContent => ({ type: index % 2 === 1 ? 'inlineCode' : 'text', value }))
    .filter(({ type, value }: { type: string; value?: string }) => type !== 'text' || value !== '');
}

/** Without line breaks, control characters and marks that turn the direction of what follows. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').replaceAll(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '');
}
