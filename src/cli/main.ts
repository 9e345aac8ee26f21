#!/usr/bin/env node
// The door: it alone touches `process` and exits. Everything behind it is loaded when it is needed,
// so that `--help` costs little more than yargs.
//
//   main.ts -> commandLine.ts (what can be typed) -> commands/*.ts (one per command)
//           -> work/*.ts (the steps, room by room) -> tables.ts (what people read)
//   main.ts -> controllerLine.ts (the commands that a line's controller waits for)
import { isForController, runController } from './controllerLine.ts';

// Before anything loads the runtime, whose Linux builds carry telemetry; a line PC tells nobody anything.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

const interruption = new AbortController();
// SIGTERM is how a service manager, a container or `kill` asks for the same.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) {
      process.exit(130);
    }
    interruption.abort();
    process.stderr.write('\nInterrupted: finishing the step under way, then saving; once more to stop at once.\n');
  });
}

/** The user's to mend, as everything that the machine refuses. */
const EXIT_MISTAKE = 2;
/** For a bug of ours, after BSD's sysexits: 1 would say that no candidate passes. */
const EXIT_SOFTWARE = 70;

// A reader that went away (`| head`) changes no answer; an answer that could not be written is none.
let isUnwritten = false;
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    isUnwritten = true;
    process.exitCode = EXIT_MISTAKE;
    process.stderr.write(`the answer must be written somewhere, and standard output takes none: ${error.message}\n`);
  }
});

const argv = process.argv.slice(2);
const run = isForController(argv) ? runController : (await import('./commandLine.ts')).runCli;
const exitCode = await run(argv, {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  terminal: process.stderr.isTTY,
  interrupted: interruption.signal,
  cwd: () => process.cwd(),
  env: process.env,
}).catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
  return EXIT_SOFTWARE;
});
process.exitCode = isUnwritten ? EXIT_MISTAKE : exitCode;
