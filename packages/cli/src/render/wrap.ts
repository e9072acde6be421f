import stringWidth from 'string-width'

/**
 * The text in lines of at most so many columns, broken between words; all lines but the first begin with `indent`
 * spaces. Left as it is where the width is unknown. A word that is too long for a line stands alone.
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

/** The text cut to one line of so many columns, with an ellipsis where something is missing. */
export function cutToWidth(text: string, width: number | undefined): string {
  if (width === undefined || stringWidth(text) <= width) return text
  let cut = ''
  for (const character of text) {
    if (stringWidth(cut + character) >= width) break
    cut += character
  }
  return `${cut}…`
}
