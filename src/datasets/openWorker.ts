import { Worker } from 'node:worker_threads';

/**
 * Starts a thread on a module beside the caller. Built, the module is one like any other. From the
 * sources it needs tsx, which on Node 20 registers itself in the main thread only.
 *
 * @param callerUrl the caller's `import.meta.url`
 */
export function openWorker(callerUrl: string, name: string, workerData: unknown): Worker {
  if (!callerUrl.endsWith('.ts')) {
    return new Worker(new URL(`./${name}.js`, callerUrl), { workerData });
  }
  const entry = JSON.stringify(new URL(`./${name}.ts`, callerUrl).href);
  // By its place: the name alone would be looked for from the working directory on.
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const withTsx = `import(${tsx}).then(({ register }) => { register(); return import(${entry}); });`;
  return new Worker(withTsx, { eval: true, workerData });
}
