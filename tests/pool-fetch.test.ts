import { KeyPool } from '@sfpool/core'
import { sdkContract } from './sdk-contract.js'

sdkContract('pool.fetch', async (upstream, keys) => {
  const pool = new KeyPool({ keys, baseURL: upstream })
  return { baseURL: pool.baseURL, fetch: pool.fetch, close: () => pool.close() }
})
