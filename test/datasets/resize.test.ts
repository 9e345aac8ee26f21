import * as assert from 'uvu/assert';
import type { RgbImage } from '../../src/datasets/decode.ts';
import { resample } from '../../src/datasets/resample.ts';
import { resizeImage } from '../../src/datasets/resize.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { AS_IS, noise } from './fixtures.ts';

/** An image whose red is its column and whose green its row. */
function coordinates(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    data.set([pixel % width, Math.floor(pixel / width), 255], pixel * 3);
  }
  return { name: 'val/pit/a.png', width, height, data };
}

function pixelAt(image: RgbImage, x: number, y: number): number[] {
  const at = (y * image.width + x) * 3;
  return [...image.data.subarray(at, at + 3)];
}

describe('resizeImage', (it) => {
  it('returns the very same image when it already has the size', async () => {
    const image = noise(8, 6);
    const size = { height: 6, width: 8 };
    for (const resize of ['none', 'stretch', 'letterbox'] as const) {
      assert.is(await resizeImage(image, { ...AS_IS, resize }, size), image, resize);
    }
    const square = noise(8, 8);
    const spec = { ...AS_IS, resize: 'shorter_side', resizeTo: 8, crop: 'center' } as const;
    assert.is(await resizeImage(square, spec, { height: 8, width: 8 }), square);
  });

  it('refuses another size under `none` and names the file, both sizes and the way out', async () => {
    await rejects(
      () => resizeImage(coordinates(9, 6), AS_IS, { height: 6, width: 8 }),
      /^val\/pit\/a\.png is 9 x 6 pixels, but the model takes 8 x 6 pixels .*`resize: none`; .*`resize: stretch`/,
    );
  });

  it('cuts out the center under `none` with a crop, without scaling', async () => {
    const cut = await resizeImage(coordinates(10, 8), { ...AS_IS, crop: 'center' }, { height: 4, width: 4 });
    assert.equal(pixelAt(cut, 0, 0), [3, 2, 255]);
    assert.equal(pixelAt(cut, 3, 3), [6, 5, 255]);
  });

  it('refuses a crop that is larger than the image', async () => {
    const spec = { ...AS_IS, crop: 'center' } as const;
    await rejects(() => resizeImage(coordinates(10, 3), spec, { height: 4, width: 4 }), /10 x 3 pixels/);
  });

  it('stretches both sides on their own', async () => {
    const image = noise(20, 10);
    const spec = { ...AS_IS, resize: 'stretch', interpolation: 'cubic' } as const;
    const stretched = await resizeImage(image, spec, { height: 7, width: 9 });
    assert.equal(stretched.data, resample(image, { height: 7, width: 9 }, 'cubic').data);
  });

  it('scales the shorter side to `resize_to`, cuts the longer one to whole pixels and crops the center', async () => {
    const image = noise(25, 11);
    const spec = { ...AS_IS, resize: 'shorter_side', resizeTo: 6, crop: 'center' } as const;
    const cropped = await resizeImage(image, spec, { height: 4, width: 4 });
    // torchvision: 6 * 25 / 11 = 13.6 -> 13; left = round((13 - 4) / 2) = round(4.5) = 4; top = 1
    const scaled = resample(image, { height: 6, width: 13 }, 'linear');
    for (const [x, y] of [
      [0, 0],
      [3, 0],
      [3, 3],
    ] as const) {
      assert.equal(pixelAt(cropped, x, y), pixelAt(scaled, x + 4, y + 1));
    }
  });

  it('rounds half a pixel of crop to the even side, as the training side does', async () => {
    const spec = { ...AS_IS, crop: 'center' } as const;
    const leftOf = async (width: number): Promise<number | undefined> =>
      pixelAt(await resizeImage(coordinates(width, 4), spec, { height: 4, width: 4 }), 0, 0)[0];
    assert.equal([await leftOf(5), await leftOf(7), await leftOf(9)], [0, 2, 2]);
  });

  it('says so when `resize_to` is below what the crop needs', async () => {
    const spec = { ...AS_IS, resize: 'shorter_side', resizeTo: 3, crop: 'center' } as const;
    await rejects(() => resizeImage(coordinates(10, 10), spec, { height: 4, width: 4 }), /`resize_to: 3` .*raise/);
  });

  it('fits a wide image inside and pads black above and below', async () => {
    const spec = { ...AS_IS, resize: 'letterbox' } as const;
    const boxed = await resizeImage(coordinates(8, 3), spec, { height: 8, width: 8 });
    assert.equal(
      [0, 1, 5, 7].map((y) => pixelAt(boxed, 4, y)),
      [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    );
    assert.equal(
      [2, 3, 4].map((y) => pixelAt(boxed, 4, y)),
      [
        [4, 0, 255],
        [4, 1, 255],
        [4, 2, 255],
      ],
    );
  });

  it('scales before it pads a tall image left and right', async () => {
    const image = noise(6, 12);
    const boxed = await resizeImage(image, { ...AS_IS, resize: 'letterbox' }, { height: 8, width: 8 });
    const scaled = resample(image, { height: 8, width: 4 }, 'linear');
    assert.equal([boxed.width, boxed.height], [8, 8]);
    assert.equal(pixelAt(boxed, 1, 5), [0, 0, 0]);
    assert.equal(pixelAt(boxed, 2, 5), pixelAt(scaled, 0, 5));
    assert.equal(pixelAt(boxed, 5, 5), pixelAt(scaled, 3, 5));
    assert.equal(pixelAt(boxed, 6, 5), [0, 0, 0]);
  });

  it('leaves at least one row of a very wide image', async () => {
    const boxed = await resizeImage(noise(100, 1), { ...AS_IS, resize: 'letterbox' }, { height: 4, width: 4 });
    assert.equal([boxed.width, boxed.height], [4, 4]);
    assert.not.equal(pixelAt(boxed, 0, 1), [0, 0, 0]);
  });
});
