import { admit } from '../account/admission.js'
import { apiError } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import { objectUrl } from '../http/object-store.js'
import { readNumber, readParams, readText, requireText, resolveModel } from '../http/params.js'
import { wordId } from '../reply/ids.js'
import { json, type Reply } from '../reply/reply.js'
import type { StoredVideo } from '../resources.js'
import { hashText } from '../runtime.js'

const sizes: ReadonlySet<string> = new Set(['1280x720', '720x1280', '960x960'])
const maxSeed = 9_999_999_999
const defaultFailure = 'Video generation failed.'

/** `POST /video/submit`: is billed at once, and completes after the queue and work times of the settings. */
export function submitVideo(call: AccountCall): Reply {
  const params = readParams(call)
  const model = resolveModel(call, ['text-to-video'])
  const prompt = requireText(params, 'prompt')
  const size = readText(params, 'image_size') ?? '1280x720'
  if (!sizes.has(size)) throw apiError('parameter-invalid')
  const seed = readNumber(params, 'seed', [0, maxSeed]) ?? hashText(prompt)
  const { settings, runtime, resources } = call.world
  const admission = admit(call, model)
  const failure = call.fault?.kind === 'failed-video' ? (call.fault.reason ?? defaultFailure) : undefined
  if (failure === undefined) admission.settle({ videos: 1 })
  const startsAt = runtime.now() + settings.queueMs
  const video: StoredVideo = {
    id: wordId(runtime.random, 12),
    startsAt,
    completesAt: startsAt + settings.workMs,
    seed,
    failure,
  }
  resources.videos.put(call.account.id, video)
  return json({ requestId: video.id })
}

/** `POST /video/status`: shows a video, only to the account that submitted it. */
export function videoStatus(call: AccountCall): Reply {
  const { resources, runtime } = call.world
  const video = resources.videos.get(call.account.id, requireText(readParams(call), 'requestId'))
  if (video === undefined) throw apiError('task-not-found')
  const now = runtime.now()
  if (now < video.completesAt) {
    return json({ status: now < video.startsAt ? 'InQueue' : 'InProgress', reason: '', results: null })
  }
  if (video.failure !== undefined) return json({ status: 'Failed', reason: video.failure, results: null })
  const videos = [{ url: objectUrl(call, `${video.seed}.mp4`, video.completesAt) }]
  const inference = (video.completesAt - video.startsAt) / 1000
  return json({
    status: 'Succeed',
    reason: '',
    results: { videos, timings: { inference }, seed: video.seed },
  })
}
