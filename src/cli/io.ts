/** What the command line may touch of the process, so that a test can stand in for it. */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether stderr is a terminal that progress can be redrawn on. */
  readonly terminal: boolean;
  /** Set by Ctrl-C: what is under way ends at the next point where everything is saved. */
  readonly interrupted: AbortSignal;
  /** The folder that paths are shown from. */
  readonly cwd: () => string;
  /** The environment's variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What every command takes. */
export interface CommonArgs {
  readonly study: string;
  readonly only: readonly string[];
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What a command gives back: text for people, a document for machines, and the exit code. */
export interface Outcome {
  readonly text: string;
  readonly document: unknown;
  readonly exitCode: ExitCode;
}

/** 0 fine or a selection stands, 1 FAIL, 2 the user's mistake, 3 NOT ENOUGH DATA. */
export type ExitCode = 0 | 1 | 2 | 3;

/** The name that the study has unless `--study` gives another. */
export const USUAL_STUDY = 'beltbench.yaml';
