import stringWidth from 'string-width'

/**
 * Wraps text between words into lines of at most `width` columns. Lines after the first start with `indent` spaces. A
 * word longer than a line gets its own line. Returns the text unchanged when the width is unknown.
 */
export function wrap(text: string, width: number | undefined, indent = 0): string {
  if (width === undefined || width <= indent + 15) return text
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line.trim() !== '' && stringWidth(longer) > width) {
      lines.push(line)
      line = ' '.repeat(indent) + word
    } else line = longer
  }
  return [...lines, line].join('\n')
}

/** Cuts text to `width` columns, with an ellipsis at the end if something is missing. */
export function cutToWidth(text: string, width: number | undefined): string {
  if (width === undefined || stringWidth(text) <= width) return text
  let cut = ''
  for (const character of text) {
    if (stringWidth(cut + character) >= width) break
    cut += character
  }
  return `${cut}…`
}
