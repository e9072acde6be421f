const keyLetters = 48
const firstLetter = 97

/**
 * Makes an obviously fake key in the platform's form (`sk-` and 48 lower-case letters). The key spells out the names;
 * digits become letters, from `a` for 0 to `j` for 9. Different names give different keys.
 */
export function fakeKey(...names: readonly (string | number)[]): string {
  const words = names.map((name) =>
    String(name)
      .toLowerCase()
      .replace(/\d/g, digitLetter)
      .replace(/[^a-z]/g, ''),
  )
  // The last names are at the very end, where a masked key shows them. `x` separates names and fills the middle. A `w`
  // on either side distinguishes lists of names that would otherwise give the same key.
  const [first = '', ...rest] = words
  const end = `w${rest.join('x')}`
  const fill = keyLetters - first.length - end.length
  if (fill < 1) throw new RangeError(`a fake key holds ${keyLetters} letters, received "${words.join(' ')}"`)
  return `sk-${first}w${'x'.repeat(fill - 1)}${end}`
}

function digitLetter(digit: string): string {
  return String.fromCharCode(firstLetter + Number(digit))
}
