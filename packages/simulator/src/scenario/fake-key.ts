const keyLetters = 48
const firstLetter = 97

/**
 * A key in the platform's form (`sk-` and 48 lower-case letters) that nobody can take for a real one. Names are spelled
 * out in it; digits become letters, from `a` for 0 to `j` for 9. Different names give different keys.
 */
export function fakeKey(...names: readonly (string | number)[]): string {
  const words = names.map((name) =>
    String(name)
      .toLowerCase()
      .replace(/\d/g, digitLetter)
      .replace(/[^a-z]/g, ''),
  )
  // The last names stand at the very end, where a mask shows them. `x` stands between names and fills the middle; a
  // `w` on either side of it keeps lists apart that would read the same.
  const [first = '', ...rest] = words
  const end = `w${rest.join('x')}`
  const fill = keyLetters - first.length - end.length
  if (fill < 1) throw new RangeError(`a fake key holds ${keyLetters} letters, received "${words.join(' ')}"`)
  return `sk-${first}w${'x'.repeat(fill - 1)}${end}`
}

function digitLetter(digit: string): string {
  return String.fromCharCode(firstLetter + Number(digit))
}
