import { opendir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { hasImageExtension } from '../../datasets/imageFormat.ts';

/** Folders this far below the one named are looked into. */
const DEEPEST = 3;
/** File names read in all; a folder of crops that is no labelled dataset must not take forever. */
const MOST_ENTRIES = 10_000;
/** A class folder is believed to hold images when one of its first files is one. */
const FIRST_FILES = 100;
const FEWEST_CLASSES = 2;

/** The splits that candidates may be judged on, best first. */
const JUDGED_SPLITS = ['val', 'validation', 'test'];
const SPLITS = new Set([...JUDGED_SPLITS, 'train']);
const NEVER = new Set(['node_modules']);

/** A folder with a split of at least two class folders that hold images. */
export interface FoundDataset {
  /** Relative to the folder looked in, with forward slashes; "." for itself. */
  readonly root: string;
  readonly split: string;
  readonly folders: readonly string[];
}

/** What lies in and below a folder. */
export interface Surroundings {
  /** ONNX files, relative to the folder looked in, with forward slashes. */
  readonly models: readonly string[];
  readonly datasets: readonly FoundDataset[];
  /** False where the search ended early: there may be more. */
  readonly isComplete: boolean;
}

/**
 * Looks for ONNX files and labelled image folders in `folder` and at most 3 levels below, at no more
 * than 10,000 names. Links are not followed, hidden folders not entered, no file is opened; what
 * cannot be listed is passed by.
 */
export async function lookAround(folder: string, mostEntries = MOST_ENTRIES): Promise<Surroundings> {
  const budget = { left: mostEntries };
  const models: string[] = [];
  const datasets: FoundDataset[] = [];
  let level = ['.'];
  for (let depth = 0; depth <= DEEPEST; depth += 1) {
    const below: string[] = [];
    for (const place of level) {
      const entries = await list(join(folder, place), budget, budget.left);
      const folders = entries.filter((entry) => entry.isDirectory() && !NEVER.has(entry.name)).map(({ name }) => name);
      models.push(...entries.filter(isModel).map(({ name }) => under(place, name)));
      const dataset = await findDataset(folder, place, folders, budget);
      if (dataset !== undefined) {
        datasets.push(dataset);
      }
      const next = dataset === undefined ? folders : folders.filter((name) => !SPLITS.has(name));
      below.push(...next.map((name) => under(place, name)));
    }
    level = below;
  }
  return { models, datasets, isComplete: budget.left > 0 };
}

async function findDataset(
  folder: string,
  place: string,
  folders: readonly string[],
  budget: { left: number },
): Promise<FoundDataset | undefined> {
  for (const split of JUDGED_SPLITS.filter((name) => folders.includes(name))) {
    const classes: string[] = [];
    for (const entry of await list(join(folder, place, split), budget, budget.left)) {
      if (entry.isDirectory() && (await holdsImages(join(folder, place, split, entry.name), budget))) {
        classes.push(entry.name);
      }
    }
    if (classes.length >= FEWEST_CLASSES) {
      return { root: place, split, folders: classes };
    }
  }
  return undefined;
}

async function holdsImages(path: string, budget: { left: number }): Promise<boolean> {
  const entries = await list(path, budget, FIRST_FILES);
  return entries.some((entry) => entry.isFile() && hasImageExtension(entry.name));
}

/** The first entries of a folder that are not hidden, by name. */
async function list(path: string, budget: { left: number }, most: number): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  let taken = 0;
  try {
    for await (const entry of await opendir(path)) {
      if (taken === most || budget.left === 0) {
        break;
      }
      taken += 1;
      budget.left -= 1;
      if (!entry.name.startsWith('.')) {
        entries.push(entry);
      }
    }
  } catch {
    // What was read of it counts; a system's folders may open and then refuse.
  }
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function isModel(entry: Dirent): boolean {
  return entry.isFile() && /\.onnx$/i.test(entry.name);
}

function under(place: string, name: string): string {
  return place === '.' ? name : `${place}/${name}`;
}
