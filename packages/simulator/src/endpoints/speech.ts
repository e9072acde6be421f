import { type Admission, admit } from '../account/admission.js'
import { apiError } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import {
  isObject,
  type Params,
  readNumber,
  readParams,
  readText,
  requireText,
  resolveModel,
} from '../http/params.js'
import { type AudioFormat, audioTypes, speechPieces } from '../reply/audio.js'
import type { Piece, Reply } from '../reply/reply.js'
import { hashText } from '../runtime.js'

const maxCharacters = 128_000
const bytesPerTextByte = 128
const maxSpeechBytes = 1024 * 1024
const sampleRates: Readonly<Record<AudioFormat, readonly number[]>> = {
  mp3: [32_000, 44_100],
  opus: [48_000],
  wav: [8000, 16_000, 24_000, 32_000, 44_100],
  pcm: [8000, 16_000, 24_000, 32_000, 44_100],
}

/** `POST /audio/speech`: answers with audio bytes, in chunks unless `stream` is false. */
export function speech(call: AccountCall): Reply {
  const params = readParams(call)
  const model = resolveModel(call, ['text-to-speech'])
  const input = requireText(params, 'input')
  if (input.length > maxCharacters) throw apiError('speech-input-too-long')
  requireVoice(call, params)
  const format = readFormat(params)
  readNumber(params, 'speed', [0.25, 4])
  readNumber(params, 'gain', [-10, 10])
  const admission = admit(call, model)
  const textBytes = Buffer.byteLength(input)
  const byteCount = Math.min(textBytes * bytesPerTextByte, maxSpeechBytes)
  const sound = speechPieces({
    format,
    seed: hashText(input),
    byteCount,
    sampleRate: readSampleRate(params, format),
  })
  const { settings } = call.world
  const firstByteMs = call.overrides.firstByteMs ?? settings.firstByteMs
  if (params.stream === false) {
    admission.settle({ bytes: textBytes })
    return {
      kind: 'whole',
      status: 200,
      contentType: audioTypes[format],
      body: Buffer.concat([...sound]),
      firstByteMs,
    }
  }
  return {
    kind: 'stream',
    contentType: audioTypes[format],
    pieces: toPieces(sound),
    firstByteMs,
    eventMs: call.overrides.eventMs ?? settings.eventMs,
    settle: () => settle(admission, textBytes),
  }
}

/** Bills the whole text, also for an audio stream that was broken off. */
function settle(admission: Admission, textBytes: number): void {
  admission.settle({ bytes: textBytes })
}

function* toPieces(sound: Iterable<Buffer>): Generator<Piece, undefined> {
  for (const data of sound) yield { data, tokens: 0 }
}

function requireVoice({ account, world }: AccountCall, params: Params): void {
  const voice = readText(params, 'voice')
  const references = Array.isArray(params.references) ? params.references.filter(isObject) : []
  if ((voice === undefined || voice === '') && references.length === 0) throw apiError('field-required')
  for (const uri of [voice, ...references.map(({ audio }) => audio)]) {
    if (typeof uri !== 'string' || !uri.startsWith('speech:')) continue
    if (world.resources.voices.get(account.id, uri) === undefined) throw apiError('voice-not-found')
  }
}

function readFormat(params: Params): AudioFormat {
  const format = readText(params, 'response_format') ?? 'mp3'
  if (!Object.hasOwn(audioTypes, format)) throw apiError('parameter-invalid')
  return format as AudioFormat
}

function readSampleRate(params: Params, format: AudioFormat): number {
  const allowed = sampleRates[format]
  const rate = readNumber(params, 'sample_rate', [0, Number.MAX_SAFE_INTEGER])
  if (rate !== undefined && !allowed.includes(rate)) throw apiError('parameter-invalid')
  return rate ?? allowed.at(-1) ?? 0
}
