import { dirname } from 'node:path';

/** Something `init` could not know: the file and key to answer it in, and the question. */
export interface InitQuestion {
  readonly file: string;
  readonly key: string;
  readonly question: string;
}

/** What `init` wrote, left alone, passed by, and wants to know. */
export interface InitResult {
  readonly study: string;
  /** Model cards that were written. */
  readonly cards: readonly string[];
  /** Model cards that were there before and were left as they are. */
  readonly kept: readonly string[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  readonly questions: readonly InitQuestion[];
  /** What the study needs and has only an example of. */
  readonly missing: readonly ('models' | 'images')[];
}

/** Beyond this many, a list of files hides the question. */
const MOST_FILES = 2;

/** What to do next, as lines of text. A question that several files have is asked once. */
export function describeInit(result: InitResult): string[] {
  const { study, cards, kept, skipped, questions, missing } = result;
  const byQuestion = new Map<string, InitQuestion[]>();
  for (const asked of questions) {
    const id = `${asked.key}: ${asked.question}`;
    byQuestion.set(id, [...(byQuestion.get(id) ?? []), asked]);
  }
  return [
    `Wrote ${study}`,
    ...cards.map((card) => `Wrote ${card}`),
    ...kept.map((card) => `Kept ${card}, which was there`),
    ...skipped.map(({ file, reason }) => `Skipped ${file}: ${reason}`),
    '',
    'Answer in the files (each says where); what stays open is a warning in every report:',
    ...[...byQuestion].map(([question, asked]) => `- ${question} (${listFiles(asked)})`),
    '',
    missing.length === 0
      ? `Then: npx beltbench run --study ${study}`
      : `Then: put the ${missing.join(' and the ')} below ${dirname(study)}, remove ${study} and start \`init\` again; or fill in there what is marked TO FILL IN`,
  ];
}

function listFiles(asked: readonly InitQuestion[]): string {
  const files = asked.map(({ file }) => file);
  return files.length > MOST_FILES ? `${files[0]} and ${files.length - 1} others` : files.join(', ');
}
