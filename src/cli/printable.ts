/** Text from files, safe for a terminal: no control characters, so no escape sequences. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}
