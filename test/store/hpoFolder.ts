import { withFolder } from '../config/folder.ts';

/** Runs `use` on a folder of a search with these files, and removes it. What is no text is written as JSON. */
export async function withHpoFolder(
  files: Readonly<Record<string, unknown>>,
  use: (dir: string) => Promise<void>,
): Promise<void> {
  const texts = Object.entries(files).map(([name, content]) => [
    name,
    typeof content === 'string' ? content : JSON.stringify(content),
  ]);
  await withFolder(Object.fromEntries(texts), use);
}
