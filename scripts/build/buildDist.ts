import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { isUpToDate } from './isUpToDate.ts';

/** Beside dist, so that a rename brings what is built there into its place. */
const SCRATCH = 'dist.build-';
/** No build takes this long: an older scratch folder is of one that was killed. */
const ABANDONED_MS = 3_600_000;
/** More than builds at once can need, each of which swaps once. */
const SWAPS = 20;

/**
 * Compiles src into dist, which is never seen half made: npm runs `prepare` for the first
 * `npx beltbench` too, while a measurement may be running from dist. Does nothing where dist is up to
 * date. Safe when several builds run at once: the last one's result stays.
 *
 * @returns whether it was built
 * @throws where the compiler finds a fault; dist stays as it was
 */
export async function buildDist(root: string): Promise<boolean> {
  await removeAbandoned(root);
  if (await isUpToDate(root)) {
    return false;
  }
  const scratch = await mkdtemp(join(root, SCRATCH));
  try {
    const made = join(scratch, 'dist');
    const start = new Date();
    await compile(root, made);
    await chmod(join(made, 'cli/main.js'), 0o755);
    // A source that is changed while it is compiled shall count as newer.
    for (const file of await readdir(made, { recursive: true, withFileTypes: true })) {
      await utimes(join(file.parentPath, file.name), start, start);
    }
    await swapIn(made, join(root, 'dist'), scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return true;
}

async function compile(root: string, outDir: string): Promise<void> {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const run = spawn(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir], {
    cwd: root,
    stdio: 'inherit',
  });
  const status = await new Promise<number | null>((resolve, reject) => run.on('close', resolve).on('error', reject));
  if (status !== 0) {
    throw new Error(`tsc ended with ${status}; dist is as it was`);
  }
}

/** Two renames, as no single one replaces a folder; another build's result that gets in between is replaced too. */
async function swapIn(made: string, dist: string, scratch: string): Promise<void> {
  for (let swap = 0; swap < SWAPS; swap++) {
    await renameUnless(['ENOENT'], dist, join(scratch, `replaced-${swap}`));
    if (await renameUnless(['ENOTEMPTY', 'EEXIST', 'EPERM'], made, dist)) {
      return;
    }
  }
  throw new Error(`${basename(dist)} cannot be replaced: other builds run at the same time`);
}

async function renameUnless(codes: readonly string[], from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code))) {
      return false;
    }
    throw thrown;
  }
}

async function removeAbandoned(root: string): Promise<void> {
  for (const name of (await readdir(root)).filter((entry) => entry.startsWith(SCRATCH))) {
    const path = join(root, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
