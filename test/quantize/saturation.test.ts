import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { judgeSums, probeSaturation, recipeForHost, type SaturationProbe } from '../../src/quantize/saturation.ts';
import type { Recipe } from '../../src/records/recipe.ts';
import { describe } from '../describe.ts';

/** What Linux says of the instructions that add without saturating; `undefined` elsewhere. */
function flagsOfCpu(): string | undefined {
  return process.platform === 'linux' && process.arch === 'x64' ? readFileSync('/proc/cpuinfo', 'utf8') : undefined;
}

describe('probeSaturation', (it) => {
  it('finds what the instructions of this CPU say', async () => {
    const { result, sum } = await probeSaturation();
    const flags = flagsOfCpu();
    if (flags === undefined) {
      assert.not.equal(result, 'unknown');
      return;
    }
    // Without AVX2 the runtime's SSE kernel widens first, and is exact.
    const isExact = /\b(avx512_vnni|avx_vnni)\b/.test(flags) || !/\bavx2\b/.test(flags);
    assert.equal([result, sum], isExact ? ['exact', 2072640] : ['saturates', 1048544]);
  });
});

describe('judgeSums', (it) => {
  it('knows the exact sum of 64 products of 255 and 127', () => {
    assert.equal(judgeSums(new Float32Array(4).fill(64 * 255 * 127)), { result: 'exact', sum: 2072640 });
  });

  it('knows the sum of 32 pairs that saturated 16 bits', () => {
    assert.equal(judgeSums(new Float32Array(4).fill(32 * 32767)), { result: 'saturates', sum: 1048544 });
  });

  it('says unknown, with the number, for anything else', () => {
    assert.equal(judgeSums(new Float32Array(4).fill(12345)), { result: 'unknown', sum: 12345 });
    assert.equal(judgeSums(Float32Array.of(2072640, 1048544)), { result: 'unknown', sum: 1048544 });
    assert.is(judgeSums(new Float32Array()).result, 'unknown');
  });
});

function host(result: SaturationProbe['result'], arch: string): Partial<Recipe> {
  return recipeForHost({ result, sum: 0 }, arch);
}

describe('recipeForHost', (it) => {
  it('takes the full range of weights on x86 only when nothing saturates there', () => {
    assert.equal(host('exact', 'x64'), { activations: 'u8', weight_range: 'full' });
    assert.equal(host('saturates', 'x64'), { activations: 'u8', weight_range: 'pair_safe' });
    assert.equal(host('unknown', 'x64'), { activations: 'u8', weight_range: 'pair_safe' });
  });

  it('takes signed activations on ARM64', () => {
    assert.equal(host('exact', 'arm64'), { activations: 's8', weight_range: 'full' });
  });
});
