/** A key that is obviously fake, and whose mask shows its name's beginning and end. */
export function testKey(name: string): string {
  const letters = name.toLowerCase().replace(/[^a-z]/g, '')
  return `sk-${letters}${'fake'.repeat(12)}`.slice(0, 51 - letters.length) + letters
}
