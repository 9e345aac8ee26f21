import { env } from 'onnxruntime-node';

/** The inference runtime's name and version: part of every key, because its kernels change. */
export function runtimeVersion(): string {
  return `onnxruntime-node ${env.versions.node ?? env.versions.common}`;
}
