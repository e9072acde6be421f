/**
 * The statements of an SQL dump that make and fill tables. Others are left out: a dump of a stranger must neither open
 * files nor run anything else.
 */
export function statementsOf(sql: string): string[] {
  return split(sql).filter((statement) =>
    /^(?:create\s+table\b(?![\s\S]*\bas\s+select\b)|insert\s+(?:or\s+\w+\s+)?into\b)/i.test(statement),
  )
}

/** Splits at semicolons that stand outside of strings, names and comments. */
function split(sql: string): string[] {
  const statements: string[] = []
  const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|;/g
  let from = 0
  for (const found of sql.matchAll(token)) {
    if (found[0] !== ';') continue
    statements.push(sql.slice(from, found.index))
    from = found.index + 1
  }
  statements.push(sql.slice(from))
  return statements.map((statement) => statement.replace(/^(?:\s+|--[^\n]*\n?|\/\*[\s\S]*?\*\/)+/, '').trim())
}
