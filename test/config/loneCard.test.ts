import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadLoneCard } from '../../src/config/loneCard.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { card, withFolder } from './folder.ts';

describe('loadLoneCard', (it) => {
  it('reads a card whose classes no study knows', async () => {
    await withFolder({ 'one.model.yaml': card({ input_size: [64, 32], classes: 'unknown' }) }, async (dir) => {
      const lone = await loadLoneCard(join(dir, 'one.model.yaml'));
      assert.is(lone.modelPath, join(dir, 'one.onnx'));
      assert.equal(lone.inputSize, { height: 64, width: 32 });
      assert.is(lone.preprocessing.scale, 1 / 255);
      assert.is(lone.openQuestion, undefined);
    });
  });

  it("fills in a study's defaults, and asks for a scale that nobody stated", async () => {
    await withFolder({ 'one.model.yaml': card({ scale: 'unknown' }) }, async (dir) => {
      const { preprocessing } = await loadLoneCard(join(dir, 'one.model.yaml'), { resize: 'letterbox' });
      assert.is(preprocessing.resize, 'letterbox');
      const { openQuestion } = await loadLoneCard(join(dir, 'one.model.yaml'));
      assert.match(openQuestion ?? '', /pixel values/);
    });
  });

  it('refuses what is missing, breaks the schema or contradicts itself', async () => {
    await rejects(() => loadLoneCard('/nowhere/one.model.yaml'), /one\.model\.yaml.*`beltbench init`/);
    await withFolder(
      { 'bad.yaml': card({ interpolation: 'linaer' }), 'odd.yaml': card({ resize: 'shorter_side' }) },
      async (dir) => {
        await rejects(() => loadLoneCard(join(dir, 'bad.yaml')), /interpolation.*did you mean `linear`/);
        await rejects(() => loadLoneCard(join(dir, 'odd.yaml')), /shorter_side` needs `resize_to`/);
      },
    );
  });
});
