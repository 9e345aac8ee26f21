import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';

/** What a test writes: text or bytes as they are, anything else as YAML. */
type Content = string | Uint8Array | object;

/** Runs `use` with a new folder that holds `files` (path to content), and removes it, whatever happens. */
export async function withFolder(
  files: Readonly<Record<string, Content>>,
  use: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-config-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      const isRaw = typeof content === 'string' || content instanceof Uint8Array;
      await writeFile(join(dir, name), isRaw ? content : stringify(content));
    }
    await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The least that a study must say, with changes laid over it. */
export function study(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    story: 'STORY-1',
    dataset: { root: 'images', classes: { fine: 'a_fine', flawed: 'b_flawed' }, target_class: 'flawed' },
    candidates: [{ id: 'one', card: 'one.model.yaml' }],
    ...changes,
  };
}

/** A card that answers every question, with changes laid over it. */
export function card(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { file: 'one.onnx', classes: ['fine', 'flawed'], trained_input_size: 128, scale: '1/255', ...changes };
}
