import { once } from 'node:events'
import { expect, it } from 'vitest'
import { serving } from '../testing/serving.js'
import { fetchText } from './fetch-text.js'

const signal = new AbortController().signal

it.each([false, true])(
  'fetchText gives up when the answer is not complete in time (answer begun: %s)',
  async (hasBegun) => {
    const url = await serving((_, response) => {
      if (hasBegun) response.write('{"date":')
    })
    await expect(fetchText(new URL(url), { signal, timeoutMs: 100 })).rejects.toMatchObject({
      message: `cannot read ${url}/: the answer was not complete within 0.1 s`,
      exitCode: 3,
    })
  },
)

it('fetchText stops at once when the user interrupts', async () => {
  const stop = new AbortController()
  const url = await serving(() => stop.abort())
  await expect(fetchText(new URL(url), { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' })
})

it('fetchText stops reading when the answer is too large', async () => {
  const chunk = Buffer.alloc(1_000_000, 32)
  let isClosed = (): void => {}
  const closed = new Promise<void>((resolve) => {
    isClosed = resolve
  })
  const url = await serving((_, response) => {
    void once(response, 'close').then(() => isClosed())
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', more)
    more()
  })
  await expect(fetchText(new URL(url), { signal })).rejects.toMatchObject({ exitCode: 2 })
  await closed
})

it('fetchText does not send credentials to another host after a redirect', async () => {
  const seen: (string | undefined)[] = []
  const other = await serving((request, response) => {
    seen.push(request.headers.authorization)
    response.end('there')
  })
  const url = await serving((_, response) => response.writeHead(302, { location: other }).end())
  const { text } = await fetchText(new URL(url.replace('//', '//me:secret@')), { signal })
  expect(text).toBe('there')
  expect(seen).toEqual([undefined])
})
