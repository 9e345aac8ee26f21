/** Enough for a stack and the line above it; a runtime that logs without end must not fill the memory. */
const KEPT_CHARACTERS = 16 * 1024;
const LONGEST_LINE = 300;

/** The end of a text that arrives in pieces. */
export class TailOfText {
  private kept = '';

  get text(): string {
    return this.kept;
  }

  add(piece: string): void {
    this.kept = (this.kept + piece).slice(-KEPT_CHARACTERS);
  }
}

/** How Node, V8 and C++ begin the line that says what ended a process; stacks and versions stand around it. */
const TELLING = /^(?:\w*(?:Error|Exception)\b|FATAL ERROR|what\(\))/;

/** The line of a dead process's stderr that says most; empty where it said nothing. */
export function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (lines.findLast((line) => TELLING.test(line)) ?? lines.at(-1) ?? '').slice(0, LONGEST_LINE);
}
