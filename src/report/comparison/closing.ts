import type { RootContent } from 'mdast';
import type { Comparison, Saturation } from '../../records/comparison.ts';
import { countOf, shortHash } from '../../shared/units.ts';
import { sentence } from '../figures.ts';
import { bullets, code, heading, left, right, table } from '../mdast.ts';
import { commandsText, hostText } from '../sections/reproduce.ts';

const RISKS: Readonly<Record<Saturation['risk'], string>> = { none: 'none', possible: 'POSSIBLE', unknown: 'unknown' };

/** Whether integer sums may saturate, here and on CPUs of another kind. */
export function saturation({ variants }: Comparison): RootContent[] {
  return [
    heading(2, 'Saturation'),
    table(
      [left('Variant'), left('Risk on this host'), left('Why')],
      variants.map(({ id, saturation: { risk, reason } }) => [code(id), RISKS[risk], sentence(reason)]),
    ),
  ];
}

export function rules({ rules: { text } }: Comparison): RootContent[] {
  return [heading(2, 'How it was judged'), bullets(text.map(sentence))];
}

/** The command, the host, the images and the records that lead here again. */
export function reproduce({ reproduce: how, host_class: host, dataset }: Comparison): RootContent[] {
  return [
    heading(2, 'How to reproduce'),
    ...commandsText(how.commands),
    bullets([
      `beltbench ${how.tool_version}.`,
      hostText(host),
      `Images: ${countOf(dataset.images, 'image')} of ${dataset.root}, split ${dataset.split}, ${shortHash(dataset.fingerprint)}.`,
    ]),
    table(
      [left('Model'), left('Kind'), left('Record'), right('Key')],
      how.records.map((record) => [
        code(record.candidate),
        record.kind,
        code(record.record_id),
        code(shortHash(record.key)),
      ]),
    ),
  ];
}
