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
    // No lookbehind: over a long run of blanks it would look back at each of them again.
    const quoted = text.replaceAll(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g, '$1"$2"');
    try {
      return quoted === text ? undefined : JSON.parse(quoted);
    } catch {
      return undefined;
    }
  }
}
