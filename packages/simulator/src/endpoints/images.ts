import { admit } from '../account/admission.js'
import { apiError } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import { objectUrl } from '../http/object-store.js'
import { readNumber, readParams, readText, requireText, resolveModel } from '../http/params.js'
import { json, type Reply } from '../reply/reply.js'
import { hashText } from '../runtime.js'

const maxSeed = 9_999_999_999

/** `POST /images/generations`: makes one image, at an address that works for an hour and needs no key. */
export function imageGenerations(call: AccountCall): Reply {
  const params = readParams(call)
  const model = resolveModel(call, ['text-to-image', 'image-to-image'])
  const prompt = requireText(params, 'prompt')
  const size = readText(params, 'image_size') ?? '1024x1024'
  if (!/^[1-9]\d{1,3}x[1-9]\d{1,3}$/.test(size)) throw apiError('parameter-invalid')
  if (model.subType === 'image-to-image') requireText(params, 'image')
  readNumber(params, 'num_inference_steps', [1, 100])
  readNumber(params, 'guidance_scale', [0, 20])
  const seed = readNumber(params, 'seed', [0, maxSeed]) ?? hashText(prompt)
  const admission = admit(call, model, { images: 1 })
  admission.settle({ images: 1 })
  const images = [{ url: objectUrl(call, `${seed}-${size}.png`, call.world.runtime.now()) }]
  return json(
    { images, timings: { inference: 1.25 }, seed, data: images },
    { firstByteMs: call.overrides.firstByteMs ?? call.world.settings.firstByteMs },
  )
}
