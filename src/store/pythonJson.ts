/**
 * Parses JSON as Python's `json` writes it: bare NaN and Infinity, which are no JSON, become the texts
 * that `figure` of records/common.ts reads.
 *
 * @returns `undefined` for what is no JSON even so
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const quoted = quoteNumbers(text);
    try {
      return quoted === text ? undefined : JSON.parse(quoted);
    } catch {
      return undefined;
    }
  }
}

/** Only outside of texts. Every token is short: one of a whole text would go over an unclosed one again and again. */
function quoteNumbers(text: string): string {
  let isInText = false;
  return text.replaceAll(/\\.|"|(?:NaN|-?Infinity)(?=\s*[,}\]])/g, (token) => {
    isInText = token === '"' ? !isInText : isInText;
    return isInText || token.length < 3 ? token : `"${token}"`;
  });
}
