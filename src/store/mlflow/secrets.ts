import type { TrackingServer } from './address.ts';

/**
 * A foreign text without the credentials that it may repeat, however they are written there: a
 * server or a proxy that denies access may answer with the header that it was sent.
 */
export function withoutCredentials({ authorization }: TrackingServer, text: string): string {
  if (authorization === undefined) {
    return text;
  }
  let blanked = text;
  for (const secret of secretsIn(authorization).flatMap(spellings)) {
    blanked = blanked.replaceAll(secret, '***');
  }
  return blanked;
}

/** The token, or the encoded pair of user and password and the password itself; the longest first. */
function secretsIn(authorization: string): string[] {
  const [scheme = '', value = ''] = authorization.split(' ', 2);
  const password =
    scheme === 'Basic'
      ? Buffer.from(value, 'base64')
          .toString('utf8')
          .replace(/^[^:]*:/, '')
      : '';
  return [value, password].filter((secret) => secret !== '');
}

/** As it is, in an address, in JSON and in HTML. */
function spellings(secret: string): string[] {
  const html = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), html];
}
