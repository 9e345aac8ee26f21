import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';

/** Runs `use` with a temporary folder that nobody else has, and asserts that the product leaves nothing there; others may. */
export async function leavingNothing(use: () => Promise<void>): Promise<void> {
  const before = process.env['TMPDIR'];
  const folder = await mkdtemp(join(tmpdir(), 'beltbench-leavings-'));
  process.env['TMPDIR'] = folder;
  try {
    await use();
    const left = await readdir(folder);
    assert.equal(
      left.filter((name) => name.startsWith('beltbench-')),
      [],
    );
  } finally {
    if (before === undefined) {
      delete process.env['TMPDIR'];
    } else {
      process.env['TMPDIR'] = before;
    }
    await rm(folder, { recursive: true });
  }
}
