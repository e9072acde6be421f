/** Makes an obviously fake key, whose mask shows the beginning and the end of its name. */
export function testKey(name: string): string {
  const letters = name.toLowerCase().replace(/[^a-z]/g, '')
  return `sk-${letters}${'fake'.repeat(12)}`.slice(0, 51 - letters.length) + letters
}
