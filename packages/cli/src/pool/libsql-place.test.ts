import { expect, it } from 'vitest'
import { createHome } from '../testing/run-cli.js'

const address = 'libsql://127.0.0.1:1/pool?tls=0&authToken=fake-token-of-the-server'

it.each([
  ['list', address, {}, 'needs a secret that is given: SFPOOL_SECRET'],
  ['list', address, { SFPOOL_SECRET: 'a passphrase' }, 'the server cannot be reached'],
  ['list', 'libsql://me:fake-token-of-the-server@host', { SFPOOL_SECRET: 'x' }, 'must be libsql://'],
  ['backup x.db', address, {}, 'a store on a server cannot be backed up'],
  ['restore x.db', address, {}, 'a store on a server cannot be restored'],
  ['secret rotate', address, {}, 'a store on a server cannot be sealed'],
])(
  'sfpool %s with the store %s says what is wrong, and never the token',
  async (words, store, environment, text) => {
    using home = createHome()
    const { code, stdout, stderr } = await home.run(words.split(' '), {
      environment: { ...environment, SFPOOL_STORE: store },
    })
    expect(code).toBe(2)
    expect(stderr).toContain(text)
    expect(stdout + stderr).not.toContain('fake-token')
  },
)
