import type { CommonArgs, Io } from './io.ts';
import { printable } from './printable.ts';

/** What is being done, of what, and how far. */
export interface Step {
  readonly subject: string;
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** To the start of the line, with nothing on it. */
const WIPE_LINE = '\r\u001B[2K';

/** Without a terminal, so often at most: a log shows that work goes on, and short commands stay silent. */
const LOG_EVERY_MS = 15_000;

/**
 * Progress: on a terminal one line that is redrawn, elsewhere a line now and then. Both only when
 * `show` is called, which is between samples: progress libraries redraw on a timer, in the middle of
 * a measurement.
 */
export class Progress {
  private readonly io: Io;
  private readonly enabled: boolean;
  private readonly now: () => number;
  private startedAt: number;
  private loggedAt: number;
  private phase = '';
  private done = 0;
  private drawn = false;

  constructor(io: Io, args: Pick<CommonArgs, 'quiet' | 'json'>, now = (): number => performance.now()) {
    this.io = io;
    this.enabled = !args.quiet && !args.json;
    this.now = now;
    this.startedAt = now();
    this.loggedAt = this.startedAt;
  }

  show(step: Step): void {
    if (!this.enabled) {
      return;
    }
    if (step.phase !== this.phase || step.done < this.done) {
      this.phase = step.phase;
      this.startedAt = this.now();
    }
    this.done = step.done;
    const text = printable(describeStep(step, this.now() - this.startedAt));
    if (this.io.terminal) {
      this.io.stderr(`${WIPE_LINE}${text}`);
      this.drawn = true;
    } else if (this.now() - this.loggedAt >= LOG_EVERY_MS) {
      this.loggedAt = this.now();
      this.io.stderr(`${text}\n`);
    }
  }

  /** A line that stays, above the progress: what was reused, what failed. */
  note(line: string): void {
    this.clear();
    this.io.stderr(`${printable(line)}\n`);
  }

  clear(): void {
    if (this.drawn) {
      this.io.stderr(WIPE_LINE);
      this.drawn = false;
    }
  }
}

/** "resnet50  measure  12/30  about 14 s left". */
export function describeStep(step: Step, elapsedMs: number): string {
  const share = step.total === 0 ? 1 : step.done / step.total;
  const left = share > 0 && share < 1 ? `  about ${formatDuration((elapsedMs / share) * (1 - share))} left` : '';
  return `${step.subject}  ${step.phase}  ${step.done}/${step.total}${left}`;
}

/** 13500 -> "14 s", 150000 -> "3 min". */
export function formatDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
