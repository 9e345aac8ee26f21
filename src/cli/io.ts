import type { SelectionOverrides } from '../config/selectionOverrides.ts';

/** What the command line may touch of the process, so that a test can stand in for it. */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether stderr is a terminal that progress can be redrawn on. */
  readonly terminal: boolean;
  /** Set by Ctrl-C: what is under way ends at the next point where everything is saved. */
  readonly interrupted: AbortSignal;
}

/** What every command takes. */
export interface CommonArgs {
  readonly study: string;
  readonly only: readonly string[];
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What the commands are called with, once yargs has read it. */
export interface ParsedArgs extends CommonArgs, SelectionOverrides {
  readonly threads?: number;
  readonly forceNew?: boolean;
  readonly check?: boolean;
  readonly group?: string;
  readonly marginPoints?: number;
  readonly calibration?: string;
  readonly out?: string;
  readonly card?: string;
  readonly images?: number;
  readonly seed?: number;
  readonly recipe?: string;
  readonly force?: boolean;
  readonly search?: boolean;
  readonly maxAccuracyDrop?: number;
  readonly targetP99Ms?: number;
  readonly maxTrials?: number;
  readonly evaluation?: string;
  readonly model?: string;
  readonly dir?: string;
  readonly id?: string;
  readonly kind?: 'latency' | 'evaluation' | 'sweep';
  readonly all?: boolean;
  readonly keep?: number;
  readonly unused?: boolean;
  readonly apply?: boolean;
  readonly hpo?: string;
  readonly config?: readonly string[];
  readonly store?: 'file' | 'mlflow';
  readonly trackingUri?: string;
  readonly experiment?: string;
  readonly verify?: boolean;
}

/** What a command gives back: text for people, a document for machines, and the exit code. */
export interface Outcome {
  readonly text: string;
  readonly document: unknown;
  readonly exitCode: ExitCode;
}

/** 0 fine or a selection stands, 1 FAIL, 2 the user's mistake, 3 NOT ENOUGH DATA. */
export type ExitCode = 0 | 1 | 2 | 3;
