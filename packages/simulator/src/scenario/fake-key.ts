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
  // `x` stands between names and pads the end; a `w` closes the names, so that no two lists read the same.
  const text = `${words.join('x')}w`
  if (text.length > keyLetters)
    throw new RangeError(`a fake key holds ${keyLetters} letters, received "${text}"`)
  return `sk-${text.padEnd(keyLetters, 'x')}`
}

function digitLetter(digit: string): string {
  return String.fromCharCode(firstLetter + Number(digit))
}
