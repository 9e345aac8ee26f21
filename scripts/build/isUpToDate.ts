import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * Whether dist holds what src compiles to, nothing less and nothing more, and all of it is newer than
 * every source, the compiler's settings and the versions of the packages.
 */
export async function isUpToDate(root: string): Promise<boolean> {
  const [sources, built] = await Promise.all([filesBelow(join(root, 'src')), filesBelow(join(root, 'dist'))]);
  const wanted = [...sources.keys()].flatMap((path) => {
    const stem = /^(.*)(?<!\.d)\.ts$/.exec(path)?.[1];
    return stem === undefined ? [] : [`${stem}.d.ts`, `${stem}.js`];
  });
  if (wanted.length === 0 || wanted.length !== built.size || !wanted.every((path) => built.has(path))) {
    return false;
  }
  const isRunnable = await access(join(root, 'dist/cli/main.js'), constants.X_OK).then(
    () => true,
    () => false,
  );
  const settings = (await readdir(root)).filter((name) => /^(tsconfig.*|package-lock)\.json$/.test(name));
  const changed = await Promise.all(settings.map(async (name) => (await stat(join(root, name))).mtimeMs));
  const newest = [...sources.values(), ...changed].reduce((a, b) => Math.max(a, b));
  const oldest = [...built.values()].reduce((a, b) => Math.min(a, b));
  return isRunnable && oldest > newest;
}

/** Path below `folder`, with slashes, -> when it was last changed; none where there is no such folder. */
async function filesBelow(folder: string): Promise<Map<string, number>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((thrown: unknown) => {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') {
      return [];
    }
    throw thrown;
  });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const times = await Promise.all(
    files.map(async (path) => [relative(folder, path).replaceAll('\\', '/'), (await stat(path)).mtimeMs] as const),
  );
  return new Map(times);
}
