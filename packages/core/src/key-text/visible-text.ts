/** Invisible characters that a browser, an editor or a chat leaves in copied text, also within a key. */
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]+/gu
/** What colours a terminal, in output that was copied with it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression removes control characters
const colouring = /\u001b\[[0-9;:?]*[ -/]*[@-~]/g
/** What separates records in old data, what is blank in a font only, and NUL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression removes control characters
const separators = /[\0\u001c-\u001f\u2800]+/g
/** Other control characters. A tab stays, because it separates columns. */
const controls = /[^\P{Cc}\t]+/gu
/** Any of these. Nearly no line has one, so one look is enough. */
const unusual = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]|[^\P{Cc}\t]/u
const ordinary = /^[\t\x20-\x7e]*$/

/** A line without its invisible characters. */
export function visibleText(line: string): string {
  if (ordinary.test(line) || !unusual.test(line)) return line
  return line.replace(colouring, '').replace(invisible, '').replace(separators, ' ').replace(controls, '')
}
