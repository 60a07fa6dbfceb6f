import { writtenNumber } from '#policy/phone-number.js';
import { NUMBER_TYPES, type PhoneNumber } from '#store/phone-number.entity.js';
import type { ReleaseOfNumber } from '#store/phone-numbers.store.js';
import { BOOLEAN, ID, INSTANT, named, object, oneOf, orNull, TEXT } from '../openapi/schema.js';

export const phoneNumberSchema = named(
  'PhoneNumber',
  object({
    id: ID,
    number: TEXT,
    country_code: orNull(TEXT),
    formatted_number: TEXT,
    international_number: TEXT,
    type: oneOf(NUMBER_TYPES),
    has_voice: BOOLEAN,
    has_sms: BOOLEAN,
    has_mms: BOOLEAN,
    has_fax: BOOLEAN,
    has_whatsapp: BOOLEAN,
    current_status: oneOf(['active', 'inactive', 'pending', 'suspended']),
    is_sandbox: BOOLEAN,
    current_price: { type: 'null' },
    currency: { type: 'null' },
    renewal_date: { type: 'null' },
    auto_renewal: BOOLEAN,
    created_at: INSTANT,
    updated_at: INSTANT,
    monthly_renewal_cost: { type: 'null' },
    days_until_monthly_renewal: { type: 'null' },
    is_due_for_monthly_renewal: BOOLEAN,
  }),
);

export const releaseRequestSchema = named(
  'ReleaseRequest',
  object({
    id: ID,
    phone_number_id: ID,
    number: TEXT,
    reason: TEXT,
    status: oneOf(['pending', 'approved', 'rejected', 'cancelled']),
    created_at: INSTANT,
    resolved_at: orNull(INSTANT),
  }),
);

/** A number as the contract shows it. What it costs and when it is renewed is between the operator and the carrier. */
export function phoneNumberView(number: PhoneNumber): Record<string, unknown> {
  const { country, national, international } = writtenNumber(number.number);
  const { capabilities } = number;
  return {
    id: number.id,
    number: number.number,
    country_code: country,
    formatted_number: national,
    international_number: international,
    type: number.type,
    has_voice: capabilities.includes('voice'),
    has_sms: capabilities.includes('sms'),
    has_mms: capabilities.includes('mms'),
    has_fax: capabilities.includes('fax'),
    has_whatsapp: capabilities.includes('whatsapp'),
    current_status: number.currentStatus,
    is_sandbox: number.isSandbox,
    current_price: null,
    currency: null,
    renewal_date: null,
    auto_renewal: false,
    created_at: number.createdAt.toISOString(),
    updated_at: number.updatedAt.toISOString(),
    monthly_renewal_cost: null,
    days_until_monthly_renewal: null,
    is_due_for_monthly_renewal: false,
  };
}

export function releaseRequestView({ request, number }: ReleaseOfNumber): Record<string, unknown> {
  return {
    id: request.id,
    phone_number_id: number.id,
    number: number.number,
    reason: request.reason,
    status: request.status,
    created_at: request.createdAt.toISOString(),
    resolved_at: request.resolvedAt?.toISOString() ?? null,
  };
}
