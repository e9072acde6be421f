import type { AnswerMeaning } from './classify-by-status.js'

const noMoney: AnswerMeaning = { kind: 'insufficient-balance', fault: 'funds' }
const badKey: AnswerMeaning = { kind: 'unauthorized', fault: 'key' }
const closed: AnswerMeaning = { kind: 'unauthorized', fault: 'disabled' }
const overload: AnswerMeaning = { kind: 'upstream-error', fault: 'overload' }
const model: AnswerMeaning = { kind: 'rejected', fault: 'model' }
const blocked: AnswerMeaning = { kind: 'upstream-error', fault: 'ip-block' }
const limit: AnswerMeaning = { kind: 'rate-limited', fault: 'limit' }

/**
 * What vendors call their errors in `code`, `type`, `status` or `reason`, where that means something else than the
 * status which it comes with. Compared without case and punctuation: `InvalidApiKey` is `invalid_api_key`.
 */
const meanings: readonly (readonly [AnswerMeaning, string])[] = [
  [
    noMoney,
    // OpenAI, and all that follow it; one-api and new-api; Moonshot; Alibaba; Volcengine; Novita; Together; Google.
    `insufficient_quota billing_hard_limit_reached billing_not_active billing_error billing_disabled
    insufficient_balance insufficient_funds insufficient_credits insufficient_credit no_credits out_of_credits
    credits_exhausted credit_limit payment_required not_enough_balance balance_not_enough quota_not_enough
    insufficient_user_quota pre_consume_token_quota_failed token_quota_exhausted exceeded_current_quota_error
    arrearage account_overdue_error account_overdue account_arrears service_overdue operation_denied_service_overdue
    prepaid_bill_overdue postpaid_bill_overdue blocked_api_access spend_limit_reached spending_limit_reached
    failed_operation_service_stop_arrears failed_operation_resource_pack_exhausted
    failed_operation_free_resource_pack_exhausted`,
  ],
  [
    badKey,
    `invalid_api_key incorrect_api_key incorrect_api_key_error wrong_api_key api_key_invalid api_key_expired
    expired_api_key api_key_disabled api_key_not_found invalid_authentication invalid_authentication_error
    authentication_error authentication_fails authorized_error invalid_iam_token invalid_token token_expired
    unauthenticated consumer_invalid api_key_ip_address_blocked api_key_http_referrer_blocked invalid_key
    auth_failure_invalid_secret_id auth_failure_secret_id_not_found`,
  ],
  [
    closed,
    `account_deactivated account_disabled account_suspended account_locked organization_restricted
    organization_deactivated organization_disabled consumer_suspended user_deactivated user_suspended
    project_disabled subscription_not_found read_only_disabled_subscription`,
  ],
  [
    overload,
    `engine_overloaded_error engine_overloaded overloaded_error server_overloaded model_overloaded
    service_tier_capacity_exceeded model_loading_error`,
  ],
  [
    model,
    `model_not_found invalid_endpoint_or_model_not_found model_not_open deployment_not_found model_not_exist
    model_not_supported`,
  ],
  [blocked, 'unsupported_country_region_territory'],
]

const bare = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const byName: ReadonlyMap<string, AnswerMeaning> = new Map(
  meanings.flatMap(([meaning, names]) => names.split(/\s+/).map((name) => [bare(name), meaning] as const)),
)

/**
 * Zhipu's own codes, which stand as digits in an `error` object: an account that is closed, without money, at a limit
 * of its own, or a model that is overloaded. All but the first come with 429.
 */
const byNumber: ReadonlyMap<unknown, AnswerMeaning> = new Map<unknown, AnswerMeaning>([
  [1000, badKey],
  [1001, badKey],
  [1002, badKey],
  [1003, badKey],
  [1004, badKey],
  [1110, closed],
  [1111, closed],
  [1112, closed],
  [1113, noMoney],
  [1211, model],
  [1302, limit],
  [1303, limit],
  [1304, { ...limit, meter: 'RPD' }],
  [1305, overload],
  [1309, noMoney],
])

/** What the names of an error mean. Undefined: its status decides. */
export function meaningOfNames(names: readonly string[]): AnswerMeaning | undefined {
  for (const name of names) {
    const meaning = byName.get(bare(name))
    if (meaning !== undefined) return meaning
  }
  return undefined
}

/** What the number of an error in an `error` object means. Undefined: its status decides. */
export const meaningOfNumber = (code: unknown): AnswerMeaning | undefined => byNumber.get(code)
