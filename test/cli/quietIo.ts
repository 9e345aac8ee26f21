import type { Io } from '../../src/cli/io.ts';

/** The process as a command sees it, with what was printed; in an environment without variables. */
export function quietIo(interrupted: AbortSignal = new AbortController().signal): Io & { out: string; err: string } {
  const io = {
    out: '',
    err: '',
    stdout: (text: string) => {
      io.out += text;
    },
    stderr: (text: string) => {
      io.err += text;
    },
    terminal: false,
    interrupted,
    cwd: () => process.cwd(),
    env: {},
  };
  return io;
}
