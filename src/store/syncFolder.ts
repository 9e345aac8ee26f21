import { open } from 'node:fs/promises';

/** Makes names survive a power cut; not every system can, and then it is the best there is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
