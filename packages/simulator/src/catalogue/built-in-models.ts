import type { Limits } from '../account/limits.js'
import type { Model } from './model.js'

const chat: Limits = { rpm: 1000, tpm: 50_000 }
const embedding: Limits = { rpm: 2000, tpm: 500_000 }
const image: Limits = { ipm: 2, ipd: 400 }
const rare: Limits = { rpm: 1000, tpm: 100_000 }

/**
 * A small copy of the real catalogue, with free models, twins under `Pro/` and unusual prices. Prices and limits have the
 * published order of magnitude. A scenario can set others.
 */
export const builtInModels: readonly Model[] = [
  text('Qwen/Qwen3-8B', { site: 'cn', limits: chat, thinking: 'hybrid' }),
  text('Qwen/Qwen3-8B', {
    site: 'com',
    limits: chat,
    thinking: 'hybrid',
    price: [{ input: '0.06', output: '0.06' }],
  }),
  text('Qwen/Qwen3.5-4B', { limits: chat, thinking: 'hybrid', usage: 'trailing' }),
  text('Qwen/Qwen2.5-7B-Instruct', { limits: chat }),
  text('THUDM/GLM-4-9B-0414', { limits: chat, quirks: ['broken-tool-deltas'], contextTokens: 32_768 }),
  text('THUDM/GLM-Z1-9B-0414', { limits: chat, thinking: 'always' }),
  text('Qwen/Qwen3-32B', { limits: chat, thinking: 'hybrid', price: [{ input: '1', output: '4' }] }),
  text('Qwen/Qwen2.5-72B-Instruct', { limits: chat, price: [{ input: '4.13', output: '4.13' }] }),
  text('Qwen/Qwen2.5-Coder-7B-Instruct', { limits: chat, hasCompletions: true }),
  text('Qwen/Qwen2.5-VL-72B-Instruct', {
    limits: chat,
    hasVision: true,
    price: [{ input: '4.13', output: '4.13' }],
  }),
  text('deepseek-ai/DeepSeek-V3', { limits: chat, price: [{ input: '2', output: '8' }], usage: 'finish' }),
  text('deepseek-ai/DeepSeek-R1', {
    limits: chat,
    thinking: 'always',
    price: [{ input: '4', output: '16' }],
  }),
  text('deepseek-ai/DeepSeek-V4-Flash', {
    limits: chat,
    thinking: 'hybrid',
    price: [
      { cachedInput: '0.15', input: '1.5', output: '4.5', hours: [2, 8] },
      { cachedInput: '0.3', input: '3', output: '9' },
    ],
  }),
  text('Pro/deepseek-ai/DeepSeek-V3', { limits: rare, price: [{ input: '2', output: '8' }] }),
  text('Pro/deepseek-ai/DeepSeek-R1', {
    limits: rare,
    thinking: 'always',
    price: [{ input: '4', output: '16' }],
  }),
  text('Pro/zai-org/GLM-5.1', {
    limits: rare,
    thinking: 'hybrid',
    maxPromptTokens: 98_304,
    price: [
      { input: '8', output: '28', aboveInputTokens: 32_768 },
      { input: '6', output: '24' },
    ],
  }),
  text('moonshotai/Kimi-K2.5', { redirectTo: 'moonshotai/Kimi-K2.6' }),
  text('moonshotai/Kimi-K2.6', { limits: chat, price: [{ input: '4', cachedInput: '0.7', output: '21' }] }),
  text('Qwen/QwQ-32B-Preview', { isDisabled: true }),
  { id: 'BAAI/bge-m3', type: 'text', subType: 'embedding', limits: embedding, contextTokens: 8192 },
  { id: 'BAAI/bge-large-zh-v1.5', type: 'text', subType: 'embedding', limits: embedding, contextTokens: 512 },
  {
    id: 'Qwen/Qwen3-Embedding-8B',
    type: 'text',
    subType: 'embedding',
    limits: embedding,
    contextTokens: 32_768,
    dimensions: 4096,
    hasDimensions: true,
    price: [{ input: '0.28' }],
  },
  { id: 'BAAI/bge-reranker-v2-m3', type: 'text', subType: 'reranker', limits: { rpm: 2000, tpm: 500_000 } },
  {
    id: 'Qwen/Qwen3-Reranker-8B',
    type: 'text',
    subType: 'reranker',
    limits: { rpm: 2000, tpm: 500_000 },
    price: [{ input: '0.28' }],
  },
  { id: 'Kwai-Kolors/Kolors', type: 'image', subType: 'text-to-image', limits: image },
  {
    id: 'Qwen/Qwen-Image',
    type: 'image',
    subType: 'text-to-image',
    limits: image,
    price: [{ perImage: '0.3' }],
  },
  {
    id: 'Qwen/Qwen-Image-Edit',
    type: 'image',
    subType: 'image-to-image',
    limits: image,
    price: [{ perImage: '0.3' }],
  },
  { id: 'FunAudioLLM/SenseVoiceSmall', type: 'audio', subType: 'speech-to-text', limits: { rpm: 1000 } },
  { id: 'TeleAI/TeleSpeechASR', type: 'audio', subType: 'speech-to-text', limits: { rpm: 1000 } },
  {
    id: 'FunAudioLLM/CosyVoice2-0.5B',
    type: 'audio',
    subType: 'text-to-speech',
    limits: { rpm: 1000 },
    price: [{ perKilobyte: '0.05' }],
  },
  {
    id: 'Wan-AI/Wan2.2-T2V-A14B',
    type: 'video',
    subType: 'text-to-video',
    limits: { rpm: 10 },
    price: [{ perVideo: '2' }],
  },
]

function text(id: string, facts: Omit<Model, 'id' | 'type' | 'subType'>): Model {
  return { id, type: 'text', subType: 'chat', ...facts }
}
