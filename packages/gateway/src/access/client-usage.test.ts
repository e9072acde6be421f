import { expect, it } from 'vitest'
import { chat, stage } from '../testing/stage.js'

const clientKeys = ['client-key-canary-one', 'client-key-canary-two']

it('usage is recorded under an id of the client key, never under the key itself', async () => {
  const { ask, pool } = await stage({ clientKeys, adminKey: 'admin-key-canary' })
  for (const key of [...clientKeys, 'client-key-canary-one', 'admin-key-canary']) {
    const init = chat()
    const headers = { ...init.headers, authorization: `Bearer ${key}` }
    await (await ask('/v1/chat/completions', { ...init, headers })).arrayBuffer()
  }
  const { rows } = await pool.usage({ by: 'client' })
  const requests = Object.fromEntries(rows.map(({ client, requests }) => [client, requests]))
  expect(Object.values(requests).sort()).toEqual([1, 1, 2])
  expect(requests.admin).toBe(1)
  expect(Object.keys(requests).filter((id) => /^client_[0-9a-f]{16}$/.test(id))).toHaveLength(2)
  expect(JSON.stringify(rows)).not.toContain('canary')
})

it('usage is recorded under no client when no client key is set', async () => {
  const { ask, pool } = await stage({})
  await (await ask('/v1/chat/completions', chat())).arrayBuffer()
  const { rows } = await pool.usage({ by: 'client' })
  expect(rows).toMatchObject([{ client: null, requests: 1 }])
})
