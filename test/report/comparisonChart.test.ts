import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import sharp from 'sharp';
import { comparisonSchema, type Comparison } from '../../src/records/comparison.ts';
import { drawingOf } from '../../src/report/comparison/points.ts';
import { renderComparisonChart } from '../../src/report/comparisonChart.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';

const UPDATE = process.env['UPDATE_GOLDEN'] === '1';

function fixture(name: string): URL {
  return new URL(`../fixtures/comparisons/${name}`, import.meta.url);
}

async function load(name: 'int8-group' | 'hostile-text'): Promise<Comparison> {
  return comparisonSchema.parse(JSON.parse(await readFile(fixture(`${name}.json`), 'utf8')));
}

function valuesOf(svg: string, attribute: string): number[] {
  return [...svg.matchAll(new RegExp(` ${attribute}="(-?[\\d.]+)"`, 'g'))].map(([, value]) => Number(value));
}

describe('the comparison chart', (it) => {
  for (const name of ['int8-group', 'hostile-text'] as const) {
    it(`of ${name} is its golden file, which an XML parser reads`, async () => {
      const rendered = renderComparisonChart(await load(name));
      if (UPDATE) {
        await writeFile(fixture(`${name}.svg`), rendered);
      }
      assert.fixture(rendered, await readFile(fixture(`${name}.svg`), 'utf8'));
      const { format, width } = await sharp(Buffer.from(rendered)).metadata();
      assert.equal([format, width], ['svg', 1010]);
    });
  }

  it('puts each variant where its paired ratio and difference put it, with their intervals', async () => {
    const comparison = await load('int8-group');
    const { points, notDrawn } = drawingOf(comparison);
    const [reference, variant] = points;
    const judged = comparison.variants[0];
    assert.ok(reference !== undefined && variant !== undefined && judged?.speed.interval);
    const { ratio, interval } = judged.speed;
    near(variant.latencyMs.value, reference.latencyMs.value * (ratio ?? Number.NaN), 1e-9);
    near(variant.latencyMs.interval?.[1], reference.latencyMs.value * interval[1], 1e-9);
    near(
      variant.accuracyPercent.value,
      reference.accuracyPercent.value + 100 * (judged.accuracy_difference.difference ?? Number.NaN),
      1e-9,
    );
    assert.is(reference.latencyMs.interval, null);
    assert.equal(notDrawn, ['broken']);
    assert.equal(
      points.map(({ mark, kind }) => `${mark} ${kind}`),
      ['R reference', '1 good', '2 bad', '3 good', '4 bad', '5 open'],
    );
  });

  it('names what it cannot draw', async () => {
    assert.match(renderComparisonChart(await load('int8-group')), /Not drawn: broken\./);
  });

  it('draws everything within its frame', async () => {
    const svg = renderComparisonChart(await load('int8-group'));
    const [height = 0] = valuesOf(svg, 'height');
    for (const attribute of ['x1', 'x2', 'cx']) {
      assert.ok(
        valuesOf(svg, attribute).every((value) => value >= 60 && value <= 660),
        attribute,
      );
    }
    for (const attribute of ['y', 'y1', 'y2', 'cy']) {
      assert.ok(
        valuesOf(svg, attribute).every((value) => value >= -6 && value <= height),
        attribute,
      );
    }
    assert.not.match(svg, /NaN|Infinity|undefined/);
  });

  it('lets no text of the study become markup', async () => {
    const svg = renderComparisonChart(await load('hostile-text'));
    assert.not.match(svg, /<script|<svg onload|<b>/);
    assert.match(svg, /&lt;script&gt;/);
    assert.not.match(svg, /(?!\n)[\p{Cc}\u202E]/u);
  });

  it('says so when nothing can be drawn', async () => {
    const comparison = await load('int8-group');
    const bare = { latency: null, accuracy: null };
    const empty = {
      ...comparison,
      reference: { ...comparison.reference, ...bare },
      variants: comparison.variants.slice(-1),
    };
    assert.match(renderComparisonChart(empty), /No model has both a latency and an accuracy/);
  });
});
