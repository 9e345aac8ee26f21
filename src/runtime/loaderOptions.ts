/** Options of Node that say how modules are found and translated. */
const LOADER_OPTIONS = ['--import', '--require', '-r', '--loader', '--experimental-loader'];

/**
 * The options of this process that a child needs to load the same source, such as tsx's. Nothing
 * else is inherited: with `--eval` the child would run the parent's program instead of its own, and
 * with a profiler or debugger its figures would be others than the product's.
 *
 * @param execArgv as `process.execArgv`
 */
export function loaderOptions(execArgv: readonly string[]): string[] {
  return execArgv.flatMap((option, index) => {
    if (LOADER_OPTIONS.includes(option)) {
      return execArgv.slice(index, index + 2);
    }
    return LOADER_OPTIONS.some((name) => option.startsWith(`${name}=`)) ? [option] : [];
  });
}
