import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readClaims, type SourcedClaims } from '../../src/config/claims.ts';
import { modelCardSchema } from '../../src/config/modelCardSchema.ts';
import { studySchema } from '../../src/config/studySchema.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { card, withFolder } from './folder.ts';

const STUDY = studySchema.parse({
  story: 'STORY-1',
  dataset: { root: 'x', classes: { clean: 'clean', cherry_pit: 'pit' }, target_class: 'cherry_pit' },
  candidates: ['net', 'net_int8'].map((id) => ({ id, card: `${id}.model.yaml` })),
});

/** Reads the claims of a card, of the candidate `net`, that names `results` as its source. */
async function readWith(
  results: object | string,
  changes: Record<string, unknown> = {},
  id = 'net',
): Promise<SourcedClaims> {
  let claims: SourcedClaims | undefined;
  const content = typeof results === 'string' ? results : JSON.stringify(results);
  await withFolder({ 'results.json': content }, async (dir) => {
    const parsed = modelCardSchema.parse(card({ evaluation_results: 'results.json', ...changes }));
    claims = await readClaims(join(dir, 'one.model.yaml'), parsed, STUDY, id);
  });
  if (claims === undefined) {
    throw new Error('nothing was read');
  }
  return claims;
}

describe('readClaims', (it) => {
  it('claims nothing when the card does not', async () => {
    const claims = await readClaims('one.model.yaml', modelCardSchema.parse(card()), STUDY);
    assert.equal(claims, { claims: {}, source: undefined, unused: [] });
  });

  it("takes the card's own figures", async () => {
    const parsed = modelCardSchema.parse(card({ claimed: { accuracy: 0.94, latency_ms: 16 } }));
    assert.equal(await readClaims('one.model.yaml', parsed, STUDY), {
      claims: { accuracy: 0.94, latency_ms: 16 },
      source: 'model card',
      unused: [],
    });
  });

  it('finds known names at the top of the training file, percent or share', async () => {
    const { claims, source } = await readWith({ accuracy: 94.21, pit_recall: 0.9258, inference_ms: 58, size_mb: 111 });
    assert.equal(claims, { accuracy: 0.9421, target_recall: 0.9258, latency_ms: 58, size_mb: 111 });
    assert.is(source, 'results.json');
  });

  it('looks one level below, but never at what was reached in training', async () => {
    const { claims } = await readWith({
      train: { accuracy: 0.999 },
      train_metrics: { accuracy: 0.99 },
      val: { accuracy: 0.9405 },
    });
    assert.equal(claims, { accuracy: 0.9405 });
  });

  it('prefers the top level to what lies below', async () => {
    const { claims } = await readWith({ by_camera: { accuracy: 0.5 }, accuracy: 0.9 });
    assert.equal(claims, { accuracy: 0.9 });
  });

  it("takes the model's own object before what stands beside it, which may be of another one", async () => {
    const results = { accuracy: 0.9, latency_ms: 12, net: { accuracy: 0.93 }, other: { accuracy: 0.95 } };
    assert.equal((await readWith(results)).claims, { accuracy: 0.93, latency_ms: 12 });
  });

  it("reads the target's recall from a classification report, and no class's accuracy as the whole's", async () => {
    const { claims } = await readWith({
      report: { clean: { recall: 0.95, accuracy: 0.1 }, cherry_pit: { recall: 0.9, accuracy: 0.2 }, accuracy: 0.93 },
    });
    assert.equal(claims, { accuracy: 0.93, target_recall: 0.9 });
  });

  it("takes no class's accuracy for the whole's", async () => {
    const { claims } = await readWith({
      clean: { accuracy: 0.1 },
      cherry_pit: { accuracy: 0.2 },
      val: { accuracy: 0.93 },
    });
    assert.equal(claims, { accuracy: 0.93 });
  });

  it("reads the target's recall under the last word of its name", async () => {
    assert.equal((await readWith({ pit: { recall: 0.9 } })).claims, { target_recall: 0.9 });
    assert.equal((await readWith({ recall_pit: 0.8 })).claims, { target_recall: 0.8 });
    assert.equal((await readWith({ cherry_pit_recall: 0.7 })).claims, { target_recall: 0.7 });
  });

  it('lets what the card states stand before what the file holds, and names both', async () => {
    const { claims, source } = await readWith({ accuracy: 0.9, latency_ms: 20 }, { claimed: { accuracy: 0.95 } });
    assert.equal(claims, { accuracy: 0.95, latency_ms: 20 });
    assert.is(source, 'model card, results.json');
  });

  it('takes no text, no infinity, no negative number and no share above 100 % for a figure', async () => {
    const { claims } = await readWith(
      '{"accuracy": "0.9", "latency_ms": Infinity, "size_mb": -3, "pit_recall": 250, "val": {"accuracy": NaN}}',
    );
    assert.equal(claims, {});
  });

  it('says that a file without any known figure is of no use', async () => {
    const { claims, source, unused } = await readWith({ loss: 0.2, constructor: 1 });
    assert.equal(claims, {});
    assert.is(source, undefined);
    assert.match(unused[0] ?? '', /results\.json holds no figure.*`claimed`/);
  });

  it('takes of several models the one that is called like this one, and nothing of the others', async () => {
    const results = { resnet50: { accuracy: 0.93, latency_ms: 58 }, 'ResNet-18': { accuracy: 0.91 } };
    const named: [Record<string, unknown>, object | string, string?][] = [
      [{}, { ...results, net: { accuracy: 0.95 } }],
      [{}, `{"accuracy": NaN, "resnet50": {"accuracy": 0.93}, "Net": {"accuracy": 0.95}}`],
      [{ trial_name: 'trial_3' }, { ...results, 'trial-3': { accuracy: 0.95 } }, 'other'],
      [{ file: 'export.v2.onnx' }, { ...results, 'export.v2': { accuracy: 0.95 } }, 'other'],
      [{ backbone: 'convnext' }, { ...results, convnext: { accuracy: 0.95 } }, 'other'],
      [{ backbone: 'resnet50' }, { ...results, net: { accuracy: 0.95 } }],
    ];
    for (const [changes, content, id] of named) {
      const { claims, unused } = await readWith(content, changes, id);
      assert.equal([claims, unused], [{ accuracy: 0.95 }, []], JSON.stringify(changes));
    }
  });

  it('takes nothing of another candidate of the study, not even under the name of its backbone', async () => {
    const { claims, unused } = await readWith({ net: { accuracy: 0.95 } }, { backbone: 'net' }, 'net_int8');
    assert.equal(claims, {});
    assert.match(unused[0] ?? '', /holds no figure/);
  });

  it('takes of several splits the one that is judged', async () => {
    const results = { best_epoch: { accuracy: 0.97 }, val: { accuracy: 0.94 }, timing: { latency_ms: 16 } };
    assert.equal((await readWith(results)).claims, { accuracy: 0.94, latency_ms: 16 });
    assert.equal((await readWith({ test: { accuracy: 0.9 }, val_metrics: { accuracy: 0.94 } })).claims, {
      accuracy: 0.94,
    });
  });

  it('takes nothing of objects that contradict each other, and says so', async () => {
    const { claims, unused } = await readWith({
      resnet50: { accuracy: 0.93, latency_ms: 58 },
      resnet18: { accuracy: 0.91 },
      file: { size_mb: 90 },
    });
    assert.equal(claims, { size_mb: 90 });
    assert.match(unused[0] ?? '', /results\.json.* resnet50, resnet18 .*differ.*`net`.*`claimed`/);
  });

  it('takes what several objects agree on', async () => {
    const { claims } = await readWith({ summary: { accuracy: 0.93 }, report: { accuracy: 93, latency_ms: 5 } });
    assert.equal(claims, { accuracy: 0.93, latency_ms: 5 });
  });

  it('refuses a file that holds a list, or is missing, and names the key to correct', async () => {
    await rejects(
      () => readWith([0.9]),
      /results\.json must hold one object of figures, received \[0\.9\]; export it again/,
    );
    await rejects(
      () => readWith({}, { evaluation_results: 'gone.json' }),
      /there is no file .*gone\.json; correct `evaluation_results`/,
    );
  });
});
