/** How much of a page is searched for its title. */
const searched = 16 * 1024
const longest = 200

/** What a web page says in its title, or in its first heading; undefined when it has neither. */
export function wordsOfPage(page: string): string | undefined {
  const head = page.slice(0, searched)
  return textOf(head, 'title') ?? textOf(head, 'h1') ?? textOf(head, 'h2')
}

function textOf(page: string, element: string): string | undefined {
  const lower = page.toLowerCase()
  const tag = lower.indexOf(`<${element}`)
  if (tag === -1) return undefined
  const open = lower.indexOf('>', tag)
  const close = open === -1 ? -1 : lower.indexOf(`</${element}`, open)
  if (close === -1) return undefined
  const text = page
    .slice(open + 1, close)
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&(?:amp|lt|gt|quot|nbsp|#39);/g, (entity) => entities[entity] ?? ' ')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return text === '' ? undefined : text.slice(0, longest)
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&nbsp;': ' ',
  '&#39;': "'",
}
