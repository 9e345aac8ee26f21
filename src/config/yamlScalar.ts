import { stringify } from 'yaml';

/** A text from outside as it must stand behind `key: ` on one line: quoted where YAML would read something else. */
export function yamlScalar(text: string): string {
  return stringify(text, { blockQuote: false, lineWidth: 0 }).replace(/\n$/, '');
}

/** As `yamlScalar`, for a list of texts. */
export function yamlList(texts: readonly string[]): string {
  return stringify(texts, {
    blockQuote: false,
    lineWidth: 0,
    collectionStyle: 'flow',
    flowCollectionPadding: false,
  }).replace(/\n$/, '');
}
