import { BeltbenchError } from '../../shared/errors.ts';

/** A tracking server, and how to prove who asks. Made once per command; never printed whole. */
export interface TrackingServer {
  /** Without credentials and without a slash at its end; may be printed. */
  readonly uri: string;
  /** The `Authorization` header, where there are credentials. */
  readonly authorization: string | undefined;
}

/** The environment variables that MLflow's own clients read. */
export interface TrackingEnvironment {
  readonly MLFLOW_TRACKING_URI?: string | undefined;
  readonly MLFLOW_EXPERIMENT_NAME?: string | undefined;
  readonly MLFLOW_TRACKING_TOKEN?: string | undefined;
  readonly MLFLOW_TRACKING_USERNAME?: string | undefined;
  readonly MLFLOW_TRACKING_PASSWORD?: string | undefined;
}

/**
 * The server at an address. Credentials stand in the address or the environment: user name and
 * password before a token, as in MLflow's own client.
 *
 * @throws BeltbenchError `bad_usage` when it is no http address, or the token cannot be sent
 */
export function trackingServer(address: string, env: TrackingEnvironment): TrackingServer {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new BeltbenchError(
      'bad_usage',
      `a tracking URI is an http or https address such as http://127.0.0.1:5000, without a query, received ${harmlessPart(address)}; correct --tracking-uri, \`mlflow.tracking_uri\` or MLFLOW_TRACKING_URI`,
    );
  }
  const user = decoded(url.username) || env.MLFLOW_TRACKING_USERNAME;
  const password = decoded(url.password) || env.MLFLOW_TRACKING_PASSWORD;
  return {
    uri: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
    authorization: authorizationOf(user, password, env.MLFLOW_TRACKING_TOKEN),
  };
}

function authorizationOf(
  user: string | undefined,
  password: string | undefined,
  token: string | undefined,
): string | undefined {
  if (isGiven(user) && isGiven(password)) {
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }
  // As from a file that ends with a line break.
  const bare = token?.trim();
  if (isGiven(bare) && !/^[\x21-\x7E]+$/.test(bare)) {
    throw new BeltbenchError(
      'bad_usage',
      'MLFLOW_TRACKING_TOKEN must be printable ASCII characters without spaces, received others (the value is not shown); set it again',
    );
  }
  return isGiven(bare) ? `Bearer ${bare}` : undefined;
}

/** A lone "%" is taken as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

/** Whatever it is, it is printed without what may be a password or a key: no user, no query. */
function harmlessPart(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol)) {
    return quoted(`${url.origin}${url.pathname}`);
  }
  const [beforeQuery = ''] = address.split(/[?#]/, 1);
  if (!address.includes('@')) {
    return quoted(beforeQuery);
  }
  // A password may hold a question mark: then nobody can tell where it ends.
  return beforeQuery === address ? quoted(address.replace(/^.*@/su, '')) : 'one with credentials';
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
