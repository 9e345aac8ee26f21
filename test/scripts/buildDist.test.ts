import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { buildDist } from '../../scripts/build/buildDist.ts';
import { isUpToDate } from '../../scripts/build/isUpToDate.ts';
import { describe } from '../describe.ts';

const SETTINGS = {
  // The smallest library there is: the compiler reads it each time.
  compilerOptions: { declaration: true, rootDir: 'src', target: 'es2023', lib: ['es5'], types: [], skipLibCheck: true },
  include: ['src'],
};
/** All sources are as old as this; a change is newer than the build. */
const OLD = new Date(Date.now() - 60_000);

async function inProject(test: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'beltbench-build-'));
  try {
    await mkdir(join(root, 'src/cli'), { recursive: true });
    await writeSource(root, 'tsconfig.build.json', JSON.stringify(SETTINGS));
    await writeSource(root, 'package.json', '{"type":"module"}');
    await writeSource(root, 'package-lock.json', '{}');
    await writeSource(root, 'src/cli/main.ts', 'export const version: number = 1;\n');
    await test(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function writeSource(root: string, path: string, text: string, changed = OLD): Promise<void> {
  await writeFile(join(root, path), text);
  await utimes(join(root, path), changed, changed);
}

const later = (): Date => new Date(Date.now() + 60_000);
const built = async (root: string): Promise<string> => await readFile(join(root, 'dist/cli/main.js'), 'utf8');

describe('buildDist', (it) => {
  it('compiles src into dist, with main.js to be run, and leaves nothing beside it', async () => {
    await inProject(async (root) => {
      assert.is(await buildDist(root), true);
      assert.match(await built(root), /version = 1/);
      assert.is((await stat(join(root, 'dist/cli/main.js'))).mode & 0o111, 0o111);
      assert.equal((await readdir(root)).toSorted(), [
        'dist',
        'package-lock.json',
        'package.json',
        'src',
        'tsconfig.build.json',
      ]);
    });
  });

  it('does nothing where dist is up to date', async () => {
    await inProject(async (root) => {
      await buildDist(root);
      assert.is(await buildDist(root), false);
    });
  });

  it('builds again after each kind of change', async () => {
    await inProject(async (root) => {
      await writeSource(root, 'src/notes.md', '');
      await buildDist(root);
      for (const path of ['src/cli/main.ts', 'src/notes.md', 'tsconfig.build.json', 'package-lock.json']) {
        await utimes(join(root, path), later(), later());
        assert.is(await isUpToDate(root), false, path);
        await utimes(join(root, path), OLD, OLD);
        assert.is(await isUpToDate(root), true, path);
      }
      await writeFile(join(root, 'dist/gone.js'), '');
      assert.is(await isUpToDate(root), false, 'a file whose source is gone');
      await rm(join(root, 'dist/gone.js'));
      await chmod(join(root, 'dist/cli/main.js'), 0o644);
      assert.is(await isUpToDate(root), false, 'not to be run');
      await chmod(join(root, 'dist/cli/main.js'), 0o755);
      await rm(join(root, 'dist/cli/main.d.ts'));
      assert.is(await isUpToDate(root), false, 'a file less');

      await writeSource(root, 'src/cli/main.ts', 'export const version: number = 2;\n', later());
      assert.is(await buildDist(root), true);
      assert.match(await built(root), /version = 2/);
    });
  });

  it('leaves dist as it was where the compiler finds a fault', async () => {
    await inProject(async (root) => {
      await buildDist(root);
      await writeSource(root, 'src/cli/main.ts', 'export const = ;\n', later());
      const fault: unknown = await buildDist(root).catch((thrown: unknown) => thrown);
      assert.match(String(fault), /tsc ended with \d; dist is as it was$/);
      assert.match(await built(root), /version = 1/);
      assert.not.ok((await readdir(root)).some((name) => name.startsWith('dist.')));
    });
  });

  it('lets two builds run at once', async () => {
    await inProject(async (root) => {
      assert.equal(await Promise.all([buildDist(root), buildDist(root)]), [true, true]);
      assert.match(await built(root), /version = 1/);
      assert.is(await buildDist(root), false);
    });
  });

  it('removes what a killed build left long ago, and not what one is making now', async () => {
    await inProject(async (root) => {
      await mkdir(join(root, 'dist.build-killed'));
      await utimes(join(root, 'dist.build-killed'), 0, 0);
      await mkdir(join(root, 'dist.build-other'));
      await buildDist(root);
      assert.equal(
        (await readdir(root)).filter((name) => name.startsWith('dist.')),
        ['dist.build-other'],
      );
    });
  });
});
