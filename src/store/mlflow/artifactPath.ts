import type { TrackingServer } from './address.ts';

/**
 * Where, on the server itself, a file beside a run is put and fetched. Servers that pass artifacts on
 * (`mlflow server --serve-artifacts`, the default) say `mlflow-artifacts:` in the run's address.
 *
 * @returns `undefined` where the artifacts lie elsewhere (S3, a folder), which HTTP does not reach
 */
export function artifactPath(
  server: TrackingServer,
  artifactUri: string | undefined,
  name: string,
): string | undefined {
  const uri = artifactUri !== undefined && URL.canParse(artifactUri) ? new URL(artifactUri) : undefined;
  if (uri?.protocol !== 'mlflow-artifacts:' || (uri.host !== '' && uri.host !== new URL(server.uri).host)) {
    return undefined;
  }
  const steps = uri.pathname.split('/').filter((step) => step !== '');
  if (steps.some((step) => !/^[\w.-]+$/.test(step) || /^\.+$/.test(step))) {
    return undefined;
  }
  return `/api/2.0/mlflow-artifacts/artifacts/${[...steps, encodeURIComponent(name)].join('/')}`;
}
