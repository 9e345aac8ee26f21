import * as assert from 'uvu/assert';
import type { Preprocessing } from '../../src/config/preprocessing.ts';
import { contentHashOf } from '../../src/datasets/contentHash.ts';
import { resample } from '../../src/datasets/resample.ts';
import { describe } from '../describe.ts';
import { noise } from './fixtures.ts';

type Interpolation = Preprocessing['interpolation'];

/**
 * SHA-256 of the RGB bytes that Pillow 13.0.0 makes of `noise` with `Image.resize` and NEAREST,
 * BILINEAR, BICUBIC or LANCZOS: width and height before, width and height after.
 */
const PILLOW: readonly (readonly [number, number, number, number, Interpolation, string])[] = [
  [200, 150, 128, 128, 'nearest', 'c25c856b263aab0073c103a9fb2edb60c20902f5beae826477270147ce6fcc18'],
  [200, 150, 128, 128, 'linear', 'c7e5c491cef7c15f39a54e560387728a70e9ab98fe9a75f8532cdd1f4c526bff'],
  [200, 150, 128, 128, 'cubic', 'ff6015c2856d84308f9fcba899921c9f868f0968a13cf9a47e227c8339f84e2e'],
  [200, 150, 128, 128, 'lanczos3', 'c1e24c27c7ecdd947b66c8735447cf945d827b2eb626c560bd4bb0e6dcf67e01'],
  [64, 64, 128, 128, 'nearest', 'bf3d7641050ec69b0b7a6f5008d4a540da48c927ff53233ee39d4d8563151d12'],
  [64, 64, 128, 128, 'linear', '7609c737cde31e1a0738c74e80f63bfbdc41c87806568078b3ac2b0398f62303'],
  [64, 64, 128, 128, 'cubic', 'da1a864178d0c8c89ba4bafb807f66d6134a63ffbfb89465bf25b020ba757005'],
  [64, 64, 128, 128, 'lanczos3', '98f755cc34e9c31d90133e67a75edd124e1d3e390bdb46761015b37006f830a3'],
  [130, 127, 128, 128, 'nearest', 'e9fffebc4d1e131041476cd670c6521a02b3ac680d0e9b1352f6b54dbc72dd4b'],
  [130, 127, 128, 128, 'linear', '36f8c51e3c83480342a3598d4e7787a264fea45e09c5201c641d8489f11e3cbd'],
  [130, 127, 128, 128, 'cubic', 'af3bbdd9a381a77084fdd59a78549361b786abdd899fad17d94bc73495e525ee'],
  [130, 127, 128, 128, 'lanczos3', '21634bdfd64704ca73a5e98ce3007817dd2e67645815f8987cf16cbd0d2ef237'],
  [640, 480, 128, 128, 'nearest', '5471a43392b4d1dc1285a15f77db2350f6bef552790f30ff3b9e6836ab6305b6'],
  [640, 480, 128, 128, 'linear', '8fd1f163aa0dbfa5e4d0b5c9ebccd46bee165aca286a983d90d26ea17ce96000'],
  [640, 480, 128, 128, 'cubic', 'e880a478c1f21b73c589bef1de3bc53dbac559f725c3f06286ee9e00860da1a1'],
  [640, 480, 128, 128, 'lanczos3', 'cf93bd9ff9ab3e6434cb3a1427d5fae302e10104dd536ef731be33f819ed8a4c'],
  [7, 5, 3, 11, 'nearest', '4888492d5acbe0598312dec6cc6cf506d4808bf5fc3f0c3686d8e33fb68e6ddd'],
  [7, 5, 3, 11, 'linear', 'c82e169277d18c16df2c904d2b7b5fb39375a2feafd1bfce5c8fcba3eb82d0ed'],
  [7, 5, 3, 11, 'cubic', 'd8af9e627f26e1f43ce981668072f8aa29537bbd38536111aece5adf3ee431d5'],
  [7, 5, 3, 11, 'lanczos3', 'ca703eb7a7f506cd2260c7b4fb8748cfb9b8fdfe946cf8c0678bb39305b4d482'],
  [1, 1, 4, 4, 'nearest', '0eb5899ad94a16f10e45ad35bbcec7293a8e17efe463ca9e2ad56c1f085ab7c6'],
  [1, 1, 4, 4, 'linear', '0eb5899ad94a16f10e45ad35bbcec7293a8e17efe463ca9e2ad56c1f085ab7c6'],
  [1, 1, 4, 4, 'cubic', '0eb5899ad94a16f10e45ad35bbcec7293a8e17efe463ca9e2ad56c1f085ab7c6'],
  [1, 1, 4, 4, 'lanczos3', '0eb5899ad94a16f10e45ad35bbcec7293a8e17efe463ca9e2ad56c1f085ab7c6'],
];

describe('resample', (it) => {
  it('makes the same bytes as Pillow when shrinking, enlarging, both at once and on a single pixel', () => {
    for (const [fromWidth, fromHeight, width, height, interpolation, expected] of PILLOW) {
      const { data } = resample(noise(fromWidth, fromHeight), { height, width }, interpolation);
      const name = `${fromWidth} x ${fromHeight} to ${width} x ${height}, ${interpolation}`;
      assert.is(contentHashOf(data), expected, name);
    }
  });

  it('takes the nearest pixel, counted from pixel centres', () => {
    const row = { name: 'x', width: 4, height: 1, data: Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4) };
    const red = (width: number): number[] =>
      [...resample(row, { height: 1, width }, 'nearest').data].filter((_, i) => i % 3 === 0);
    assert.equal(red(2), [2, 4]);
    assert.equal(red(8), [1, 1, 2, 2, 3, 3, 4, 4]);
    assert.equal(red(3), [1, 3, 4]);
  });

  it('keeps an enlarged ramp centred, which libvips does not', () => {
    const ramp = {
      name: 'x',
      width: 4,
      height: 1,
      data: Uint8Array.from({ length: 12 }, (_, i) => Math.floor(i / 3) * 80),
    };
    const red = [...resample(ramp, { height: 1, width: 8 }, 'linear').data].filter((_, i) => i % 3 === 0);
    assert.equal(red, [0, 20, 60, 100, 140, 180, 220, 240]);
  });

  it('clips what a cubic kernel overshoots at an edge', () => {
    const edge = {
      name: 'x',
      width: 4,
      height: 1,
      data: Uint8Array.of(0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255),
    };
    const { data } = resample(edge, { height: 1, width: 12 }, 'cubic');
    assert.is(data[0], 0);
    assert.is(data[12], 0);
    assert.is(data[21], 255);
    assert.is(data.at(-1), 255);
  });
});
