import { KeyPool } from '@sfpool/core'
import { describeSdks } from './sdk-contract.js'

describeSdks('pool.fetch', async (upstream, keys) => {
  const pool = new KeyPool({ keys, baseURL: upstream })
  return { baseURL: pool.baseURL, fetch: pool.fetch, close: () => pool.close() }
})
