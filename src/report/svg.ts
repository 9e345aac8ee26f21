/** What an element's attributes may be; numbers are rounded to a tenth, so that the same data give the same bytes everywhere. */
export type Attributes = Readonly<Record<string, string | number>>;

/** One SVG element around elements that are SVG already. All text of other origin goes through `text` or an attribute. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${attributeText(value)}"`);
  const open = `<${name}${written.join('')}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`;
}

/** The ink of pictures, on white. */
export const INK = '#222222';

/** A whole file: a titled picture in ink on white, and its last newline. */
export function picture(
  { width, height, title }: { readonly width: number; readonly height: number; readonly title: string },
  ...children: readonly string[]
): string {
  const frame = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'font-family': 'system-ui, sans-serif',
    'font-size': 13,
    fill: INK,
  };
  const ground = element('rect', { width, height, fill: '#ffffff' });
  return `${element('svg', frame, element('title', {}, escapeXml(title)), ground, ...children)}\n`;
}

/** A line of text at (x, y). */
export function textAt(x: number, y: number, content: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeXml(content));
}

/** Without markup, and without what XML cannot hold or what turns the direction of the rest. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/[\p{Cs}\p{Bidi_Control}\uFFFE\uFFFF]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** At most so many characters, the last of which says that there were more. */
export function shorten(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

function attributeText(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : escapeXml(value);
}
