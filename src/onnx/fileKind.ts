/** What a file starts with when it is something that gets mistaken for an ONNX file. */
const signatures: readonly { readonly at: number; readonly bytes: readonly number[]; readonly is: string }[] = [
  { at: 0, bytes: [0x1f, 0x8b], is: 'a gzip archive: unpack it (gunzip) and name the .onnx file inside' },
  {
    at: 0,
    bytes: [0x50, 0x4b, 0x03, 0x04],
    is: 'a zip archive: unpack it and name the .onnx file inside; a PyTorch checkpoint is one too and must be exported with torch.onnx.export',
  },
  { at: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], is: 'an xz archive: unpack it and name the .onnx file inside' },
  { at: 0, bytes: [0x42, 0x5a, 0x68], is: 'a bzip2 archive: unpack it and name the .onnx file inside' },
  { at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd], is: 'a zstd archive: unpack it and name the .onnx file inside' },
  { at: 257, bytes: [0x75, 0x73, 0x74, 0x61, 0x72], is: 'a tar archive: unpack it and name the .onnx file inside' },
  { at: 0, bytes: [0x89, 0x48, 0x44, 0x46], is: 'an HDF5 file (Keras?): export it to ONNX with tf2onnx' },
  { at: 4, bytes: [0x4f, 0x52, 0x54, 0x4d], is: 'an .ort file: name the .onnx file it was made from' },
  { at: 4, bytes: [0x54, 0x46, 0x4c, 0x33], is: 'a TensorFlow Lite file: export the model to ONNX' },
  { at: 0, bytes: [0x89, 0x50, 0x4e, 0x47], is: 'a PNG image: name the model file' },
  { at: 0, bytes: [0xff, 0xd8, 0xff], is: 'a JPEG image: name the model file' },
  { at: 0, bytes: [0x80, 0x02], is: 'a Python pickle (PyTorch?): export it with torch.onnx.export' },
];

const SAMPLE_BYTES = 512;

/** What a file that is not ONNX seems to be, with the way out; `undefined` when nothing is recognised. */
export function guessFileKind(bytes: Uint8Array): string | undefined {
  const known = signatures.find(({ at, bytes: magic }) => magic.every((byte, index) => bytes[at + index] === byte));
  if (known !== undefined) {
    return known.is;
  }
  const text = textOf(bytes.subarray(0, SAMPLE_BYTES));
  if (text === undefined) {
    return undefined;
  }
  return text.startsWith('version https://git-lfs')
    ? 'a Git LFS pointer, not the model it points to: run git lfs pull'
    : 'a text file: name the model file, or download it again if a server answered with a page';
}

/** The sample as UTF-8 text, which has no control characters but tabs and line ends; its last character may be cut. */
function textOf(sample: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
    return /[^\P{Cc}\t\n\r]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
