/** The container formats that are decoded, told by a file's first bytes and never by its name. */
export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'tiff';

/** What a file name must end with (in any case) to be taken for an image. */
export const IMAGE_EXTENSIONS: readonly string[] = ['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff'];

export function hasImageExtension(fileName: string): boolean {
  const lower = fileName.toLowerCase();
  return IMAGE_EXTENSIONS.some((extension) => lower.endsWith(extension));
}

/** Pictures that are not decoded: where some stand among the images, they were hardly meant to be left out. */
const OTHER_PICTURES: readonly string[] = ['.bmp', '.gif', '.heic', '.heif', '.avif', '.jp2', '.ppm', '.pgm', '.raw'];

export function isOtherPicture(fileName: string): boolean {
  const lower = fileName.toLowerCase();
  return OTHER_PICTURES.some((extension) => lower.endsWith(extension));
}

/**
 * Tells the format from the signature. Everything else is refused before a decoder sees it: sharp
 * would also render an SVG or unpack a HEIF that calls itself PNG.
 */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 12)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) {
    return 'png';
  }
  if (head.startsWith('\xff\xd8\xff')) {
    return 'jpeg';
  }
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) {
    return 'webp';
  }
  const isTiff = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((signature) => head.startsWith(signature));
  return isTiff ? 'tiff' : undefined;
}
