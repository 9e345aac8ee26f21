/** Text from files, safe for a terminal: no control characters, so no escape sequences. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

/** The same for a text of several lines, which keeps them, and its tabs. */
export function printableLines(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '?');
}
