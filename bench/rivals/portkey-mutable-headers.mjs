// @ts-check
// Preloaded (`node --import`) into the Portkey gateway, so that it can be measured with streams that work.

const { fetch } = globalThis

/** @type {typeof fetch} */
globalThis.fetch = async (resource, options) => {
  const response = await fetch(resource, options)
  return new Response(response.body, response)
}
