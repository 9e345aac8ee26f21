import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { hint } from '../config/problems.ts';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';

/** A dataset's root: as the user wrote it, for paths and messages, and without links, for the check that nothing leads out. */
export interface Root {
  readonly path: string;
  readonly realPath: string;
}

/** @throws BeltbenchError `bad_dataset` when the root is missing or not a folder */
export async function openRoot(path: string): Promise<Root> {
  const absolute = resolve(path);
  if (!(await isFolder(absolute))) {
    throw new BeltbenchError(
      'bad_dataset',
      `the dataset root ${absolute} is not a folder; correct \`dataset.root\` (it is relative to the study file) or put the images there`,
    );
  }
  return { path: absolute, realPath: await realpath(absolute) };
}

/**
 * The path of the folder `name` below `parent`.
 *
 * @param key the study's key that names the folder, for the message
 * @throws BeltbenchError `bad_dataset` when it is missing, naming what is there, or leads out of the root
 */
export async function requireFolder(root: Root, parent: string, name: string, key: string): Promise<string> {
  const path = join(parent, name);
  if (!isInside(root.path, path)) {
    throw new BeltbenchError(
      'bad_dataset',
      `\`${key}\` is \`${name}\`, which lies outside the dataset root ${root.path}; name a folder inside it`,
    );
  }
  if (!(await isFolder(path))) {
    const there = await foldersIn(parent);
    const wayOut = there.length === 0 ? ', which holds no folders; put the images there' : hint(name, there);
    throw new BeltbenchError(
      'bad_dataset',
      `\`${key}\` names \`${name}\`, but there is no such folder in ${parent}${wayOut}`,
    );
  }
  if (!(await staysInside(root, path))) {
    throw new BeltbenchError(
      'bad_dataset',
      `\`${key}\` names \`${name}\`, a link that leads out of the dataset root ${root.path}; copy the images or move the root up`,
    );
  }
  return path;
}

/** Names of the folders (and links to folders) in `path`, without hidden ones, in code-unit order. */
export async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((thrown: unknown) => {
    throw new BeltbenchError(
      'bad_dataset',
      `the folder ${path} cannot be listed: ${reasonOf(thrown)}; allow reading it`,
    );
  });
  const names: string[] = [];
  for (const entry of entries) {
    const isLinked = entry.isSymbolicLink() && (await isFolder(join(path, entry.name)));
    if (!entry.name.startsWith('.') && (entry.isDirectory() || isLinked)) {
      names.push(entry.name);
    }
  }
  return names.toSorted();
}

/** Whether `path`, with every link followed, still lies in the dataset; false where it leads nowhere. */
export async function staysInside(root: Root, path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => undefined);
  return real !== undefined && isInside(root.realPath, real);
}

export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

/** `path` below the root, with forward slashes on every platform. */
export function idOf(root: Root, path: string): string {
  return relative(root.path, path).split(sep).join('/');
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
