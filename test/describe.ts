import { suite } from 'uvu';

/** Adds one behaviour to the suite; its name is a sentence. */
export type It = (name: string, run: () => void | Promise<void>) => void;

/**
 * The only door to uvu. It always calls `run`, whose omission uvu reports as a green "Total 0";
 * it offers no hooks, whose failures uvu swallows; and it turns whatever is thrown into an Error,
 * because uvu stops without a message when a test throws anything else.
 */
export function describe(subject: string, build: (it: It) => void): void {
  const tests = suite(subject);
  build((name, run) => {
    tests(name, async () => {
      try {
        await run();
      } catch (thrown) {
        throw thrown instanceof Error ? thrown : new Error(`threw ${String(thrown)}, which is no Error`);
      }
    });
  });
  tests.run();
}
