import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { BeltbenchError } from '../shared/errors.ts';
import type { Claims, ModelCardFile } from './modelCardSchema.ts';
import { readYamlFile } from './yamlFile.ts';

/** The training side's own names for the figures we show, nearest to its top level first. */
const NAMES = {
  accuracy: ['accuracy', 'val_accuracy', 'test_accuracy', 'best_val_accuracy'],
  target_recall: ['pit_recall', 'target_recall', 'recall_pit'],
  latency_ms: ['latency_ms', 'inference_ms', 'inference_time_ms', 'latency_batch_1_ms'],
  size_mb: ['size_mb', 'model_size_mb'],
} as const;

const evaluationResults = z.record(z.string(), z.unknown());

/**
 * The figures a card claims; the file it names as their source fills in what it leaves out.
 * An `evaluation_results.json` has no fixed schema: known names are looked up at its top level
 * and in the objects below it, and percentages (above 1) become shares.
 */
export async function readClaims(
  cardPath: string,
  card: ModelCardFile,
): Promise<{ claims: Claims; source: string | undefined }> {
  const stated = card.claimed ?? {};
  if (card.evaluation_results === undefined) {
    return { claims: stated, source: card.claimed === undefined ? undefined : 'model card' };
  }
  const path = resolve(dirname(cardPath), card.evaluation_results);
  const content = await readYamlFile(path, 'bad_card', 'correct `evaluation_results` in the model card or remove it');
  const parsed = evaluationResults.safeParse(content);
  if (!parsed.success) {
    throw new BeltbenchError(
      'bad_card',
      `${path} must hold one object of figures, received ${typeof content}; export it again`,
    );
  }
  const found: Claims = {};
  for (const key of ['accuracy', 'target_recall', 'latency_ms', 'size_mb'] as const) {
    const value = lookUp(parsed.data, NAMES[key]);
    const share = key === 'accuracy' || key === 'target_recall';
    const claimed = value !== undefined && share && value > 1 ? value / 100 : value;
    if (claimed !== undefined && claimed >= 0 && (!share || claimed <= 1)) {
      found[key] = claimed;
    }
  }
  return { claims: { ...found, ...stated }, source: card.evaluation_results };
}

function lookUp(object: Record<string, unknown>, names: readonly string[]): number | undefined {
  const below = Object.values(object).map((value) => evaluationResults.safeParse(value).data);
  for (const level of [object, ...below]) {
    for (const name of names) {
      const value = level?.[name];
      if (typeof value === 'number' && Number.isFinite(value)) {
        return value;
      }
    }
  }
  return undefined;
}
