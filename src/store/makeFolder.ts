import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../shared/errors.ts';

/**
 * Makes a folder with those above it; one that is there is left as it is. Node's own recursive
 * `mkdir` tries for ever where a file system answers ENOENT in a folder that is there, as /proc does.
 *
 * @throws the file system's error
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (thrown) {
    const above = dirname(path);
    if (codeOf(thrown) !== 'ENOENT' || above === path) {
      throw thrown;
    }
    // Another process may have made it since.
    if (!(await isFolder(above))) {
      await makeFolder(above);
    }
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST' || !(await isFolder(path))) {
      throw thrown;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
