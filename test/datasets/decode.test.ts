import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { decodeImage, readHeader } from '../../src/datasets/decode.ts';
import { UnreadableImage } from '../../src/datasets/unreadableImage.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { noise, noisePng, pngThatClaims, toSharp } from './fixtures.ts';

async function pixelsOf(bytes: Uint8Array): Promise<number[]> {
  return [...(await decodeImage(bytes, 'x')).data];
}

async function kindOf(run: Promise<unknown>): Promise<string> {
  const thrown: unknown = await run.catch((error: unknown) => error);
  return thrown instanceof UnreadableImage ? thrown.kind : `no UnreadableImage: ${String(thrown)}`;
}

/** A picture with enough structure that JPEG, WebP and TIFF files are long enough to be cut. */
async function fileOf(format: 'png' | 'jpeg' | 'webp' | 'tiff'): Promise<Buffer> {
  return await toSharp(noise(40, 30)).toFormat(format).toBuffer();
}

describe('decodeImage', (it) => {
  it('returns the pixels of a PNG unchanged, in rows of RGB', async () => {
    const source = noise(5, 3);
    const image = await decodeImage(await toSharp(source).png().toBuffer(), 'a/b.png');
    assert.equal([image.name, image.width, image.height], ['a/b.png', 5, 3]);
    assert.equal([...image.data], [...source.data]);
  });

  it('reads PNG, JPEG, WebP and TIFF', async () => {
    for (const format of ['png', 'jpeg', 'webp', 'tiff'] as const) {
      const { width, height, data } = await decodeImage(await fileOf(format), format);
      assert.equal([width, height, data.length], [40, 30, 3600], format);
    }
  });

  it('lays what is transparent on black', async () => {
    const rgba = Buffer.from([200, 100, 50, 128, 255, 255, 255, 0, 9, 8, 7, 255]);
    const png = await sharp(rgba, { raw: { width: 3, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    assert.equal(await pixelsOf(png), [100, 50, 25, 0, 0, 0, 9, 8, 7]);
  });

  it('makes three equal channels of greyscale', async () => {
    const png = await sharp(Buffer.from([10, 200]), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    assert.equal(await pixelsOf(png), [10, 10, 10, 200, 200, 200]);
  });

  it('keeps the upper byte of 16-bit colour and greyscale', async () => {
    const colour = await sharp(new Uint16Array([0, 255, 256, 511, 512, 65535]), {
      raw: { width: 2, height: 1, channels: 3 },
    })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    assert.is((await sharp(colour).metadata()).depth, 'ushort');
    assert.equal(await pixelsOf(colour), [0, 0, 1, 1, 2, 255]);
    const grey = await sharp(new Uint16Array([300, 65535]), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    assert.equal(await pixelsOf(grey), [1, 1, 1, 255, 255, 255]);
  });

  it('converts CMYK to three channels', async () => {
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#ffffff' } })
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    assert.is((await sharp(jpeg).metadata()).space, 'cmyk');
    const { data } = await decodeImage(jpeg, 'x');
    assert.is(data.length, 8 * 8 * 3);
    assert.ok(data.every((value) => value > 240));
  });

  it('does not turn an image by its EXIF orientation', async () => {
    const turned = await toSharp(noise(40, 30)).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { width, height } = await decodeImage(turned, 'x');
    assert.equal([width, height], [40, 30]);
  });

  it('reads the stored values whatever colour profile is embedded', async () => {
    const plain = await toSharp(noise(6, 6)).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(plain, { ignoreIcc: true }).raw().toBuffer();
    assert.equal(await pixelsOf(plain), [...stored]);
    assert.not.equal([...stored], [...(await sharp(plain).raw().toBuffer())]);
  });

  it('refuses a truncated file of every format instead of filling it with grey', async () => {
    for (const format of ['png', 'jpeg', 'webp', 'tiff'] as const) {
      const whole = await fileOf(format);
      for (const length of [Math.floor(whole.length * 0.6), whole.length - 16]) {
        assert.is(await kindOf(decodeImage(whole.subarray(0, length), format)), 'broken', `${format} cut at ${length}`);
      }
    }
  });

  it('refuses a PNG with one flipped byte among its pixels', async () => {
    const png = await fileOf('png');
    png[Math.floor(png.length / 2)] = (png[Math.floor(png.length / 2)] ?? 0) ^ 255;
    assert.is(await kindOf(decodeImage(png, 'x')), 'broken');
  });

  it('refuses 0 bytes, text and an SVG in one line that names the file', async () => {
    assert.is(await kindOf(decodeImage(Buffer.alloc(0), 'x')), 'empty');
    assert.is(await kindOf(decodeImage(Buffer.from('clean'), 'x')), 'not_an_image');
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await rejects(() => decodeImage(svg, 'val/pit/a.png'), /^val\/pit\/a\.png cannot be used .*signature; replace or/);
  });

  it('refuses a bomb of 30000 x 30000 pixels before it decodes', async () => {
    assert.is(await kindOf(decodeImage(await pngThatClaims(30000, 30000), 'x')), 'too_many_pixels');
  });
});

describe('readHeader', (it) => {
  it('tells the stored size without decoding', async () => {
    const png = await noisePng(70, 50);
    assert.equal(await readHeader(png.subarray(0, png.length / 2), 'x'), { width: 70, height: 50 });
  });

  it('says the size of a bomb and the limit', async () => {
    const bomb = await pngThatClaims(30000, 30000);
    await rejects(() => readHeader(bomb, 'b.png'), /30000 x 30000 pixels, and at most 16777216 are decoded/);
  });

  it('refuses a file that ends within its header', async () => {
    assert.is(await kindOf(readHeader((await noisePng(7, 5)).subarray(0, 20), 'x')), 'broken');
  });

  it('refuses a float TIFF, whose values 0..1 would pass as black', async () => {
    const float = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#808080' } })
      .linear(1 / 255, 0)
      .toColourspace('scrgb')
      .tiff({ compression: 'none', bitdepth: undefined })
      .toBuffer();
    assert.is(await kindOf(readHeader(float, 'x')), 'unsupported_depth');
  });
});
