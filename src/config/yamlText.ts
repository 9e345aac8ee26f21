import { Composer, isScalar, Lexer, LineCounter, Parser, visit, type CST, type Document } from 'yaml';
import { reasonOf } from '../shared/errors.ts';
import { printable } from './shown.ts';

/** Deeper than any study, and far from where the recursive composer would exhaust the stack. */
const DEEPEST = 50;
const MOST_ALIASES = 100;

/** What a text holds, or what is wrong with it and, where it can be told, at which `line:column`. */
export type ParsedYaml = { readonly ok: true; readonly value: unknown } | YamlFault;

interface YamlFault {
  readonly ok: false;
  readonly at: string | undefined;
  readonly fault: string;
}

/**
 * Parses one YAML 1.2 document from an untrusted source. Keys are texts, stand once, and are never
 * `__proto__`; tags of other schemas are refused, not ignored. Nesting is bounded while the text is
 * read: on 20,000 brackets the parser would take the whole process down. Duplicate keys are found
 * here, because the parser compares each key with every other: 60,000 keys take it half a minute.
 */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${line}:${col}`;
  };
  const { tokens, tooDeepAt } = readTokens(text, lines);
  if (tooDeepAt !== undefined) {
    return { ok: false, at: place(tooDeepAt), fault: `values are nested more than ${DEEPEST} deep` };
  }
  const composer = new Composer({ uniqueKeys: false, stringKeys: true });
  const documents = [...composer.compose(tokens, true, text.length)];
  const [document, second] = documents;
  if (document === undefined) {
    return { ok: true, value: null };
  }
  if (second !== undefined) {
    return { ok: false, at: place(second.range[0]), fault: 'a second document begins, and a file holds one' };
  }
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    return { ok: false, at: place(problem.pos[0]), fault: problem.message };
  }
  const key = findBadKey(document);
  if (key !== undefined) {
    return { ok: false, at: place(key.offset), fault: key.fault };
  }
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: MOST_ALIASES }) };
  } catch (thrown) {
    return { ok: false, at: undefined, fault: reasonOf(thrown) };
  }
}

function readTokens(text: string, lines: LineCounter): { tokens: CST.Token[]; tooDeepAt: number | undefined } {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > DEEPEST) {
      return { tokens, tooDeepAt: parser.offset };
    }
  }
  tokens.push(...parser.end());
  return { tokens, tooDeepAt: undefined };
}

function findBadKey(document: Document.Parsed): { offset: number; fault: string } | undefined {
  let found: { offset: number; fault: string } | undefined;
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : '';
        const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
        if (name === '__proto__') {
          found = { offset, fault: 'the key `__proto__` is not allowed' };
        } else if (seen.has(name)) {
          found = { offset, fault: `the key \`${printable(name)}\` stands twice` };
        }
        if (found !== undefined) {
          return visit.BREAK;
        }
        seen.add(name);
      }
      return undefined;
    },
  });
  return found;
}
