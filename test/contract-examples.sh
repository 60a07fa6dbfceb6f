#!/usr/bin/env bash
# The calls of the public pages that Ringfence is compatible with, one after the other, by curl: what a client that moves
# over sends, and what it reads. Prints a line for each, and ends with 1 where any answer is not as documented.
#
#   BASE_URL=http://127.0.0.1:3000/api/v1 TOKEN=talq_… test/contract-examples.sh
#
# It makes agents, campaigns and calls in the token's environment, and dials +12025550160, which at the simulated carrier
# rings until it is hung up. Against a real carrier that is a real call.
set -uo pipefail
: "${BASE_URL:?the address of the api, with /api/v1}" "${TOKEN:?a token of an environment}"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# ask METHOD PATH [BODY]: sets `status`, and leaves body and headers in files. There are more calls here than the hundred a
# minute that an environment allows at first: a 429 is waited out for as long as it says, as a client does.
ask() {
  local method=$1 path=$2 body=${3:-} wait
  local arguments=(-sS -X "$method" -o "$scratch/body" -D "$scratch/headers" -w '%{http_code}' -H "Authorization: Bearer $TOKEN")
  [ -n "$body" ] && arguments+=(-H 'Content-Type: application/json' -d "$body")
  [ -n "${KEY:-}" ] && arguments+=(-H "Idempotency-Key: $KEY")
  while :; do
    : >"$scratch/body"
    status=$(curl "${arguments[@]}" "$BASE_URL$path")
    wait=$(tr -d '\r' <"$scratch/headers" | sed -n 's/^retry-after: //Ip')
    [ "$status" = 429 ] && [ -n "$wait" ] || return 0
    echo "waits $wait s: the limit of requests a minute is reached"
    sleep "$wait"
  done
}

# check STATUS METHOD PATH [BODY] [CONDITION]
# CONDITION is JavaScript over `b`, the body, and `h`, the headers; `has(object, 'names')` asks for keys, and
# `echoes(object, sent)` for values.
check() {
  local expected=$1 method=$2 path=$3 body=${4:-} condition=${5:-true}
  local status
  ask "$method" "$path" "$body"
  if [ "$status" = "$expected" ] && node "$scratch/holds.cjs" "$condition"; then
    echo "ok     $method $path $status"
  else
    failures=$((failures + 1))
    echo "not ok $method $path $status, expected $expected with $condition: $(head -c 600 "$scratch/body")"
  fi
}

cat >"$scratch/holds.cjs" <<'JS'
const { readFileSync } = require('node:fs');
const { isDeepStrictEqual } = require('node:util');
const b = JSON.parse(readFileSync(`${__dirname}/body`, 'utf8') || 'null');
const lines = readFileSync(`${__dirname}/headers`, 'utf8').split('\r\n').slice(1);
const h = Object.fromEntries(lines.map((line) => line.toLowerCase().split(': ')));
const has = (object, names) => names.split(' ').every((name) => name in object);
const error = (code) => b.success === false && typeof b.message === 'string' && b.code === code;
const echoes = (object, sent) => Object.entries(sent).every(([name, value]) => isDeepStrictEqual(object[name], value));
const invalid = (...fields) => b.success === false && fields.every((field) => Array.isArray(b.errors[field]));
const holds = new Function('b', 'h', 'has', 'echoes', 'error', 'invalid', `return (${process.argv[2]})`);
process.exit(holds(b, h, has, echoes, error, invalid) ? 0 : 1);
JS

# read EXPRESSION: a value of the last body
read_value() { node -p "JSON.parse(require('node:fs').readFileSync('$scratch/body', 'utf8')).$1"; }

NOBODY=00000000-0000-4000-8000-000000000000
# finds NAME VALUE: the condition that a list holds a row, and none with another value
finds() { echo "b.data.length > 0 && b.data.every((row) => row.$1 === '$2')"; }
NONE='b.success && b.data.length === 0'
PAGINATION="has(b.pagination, 'current_page last_page per_page total from to')"

echo '# Health and conventions'
check 200 GET /health '' "b.status === 'ok' && !('success' in b) && !('x-ratelimit-limit' in h)"
check 200 GET /campaigns '' "b.success && Array.isArray(b.data) && $PAGINATION && has(h, 'x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset')"
TOKEN=talq_wrong check 401 GET /campaigns '' "error('INVALID_TOKEN')"

echo '# Agents'
AGENT='{"label":"Sales","name":"Sales agent","description":"You sell fences to {{customer_name}}.","language":"en-US","initial_message":"Hello {{customer_name}}!","interrupt_sensitivity":"medium","endpointing_sensitivity":"auto","ivr_navigation_mode":"off","conversation_speed":1.0,"initial_message_delay":0,"ask_if_human_present_on_idle":true,"idle_time_seconds":10,"llm_temperature":0.7,"enable_recording":false,"direction":"outbound","who_speaks_first":"agent","max_call_duration_seconds":600}'
check 201 POST /agents "$AGENT" "b.data.current_status === 'draft' && has(b.data, 'id name label description language voice initial_message interrupt_sensitivity conversation_speed initial_message_delay ask_if_human_present_on_idle direction who_speaks_first current_status is_sandbox is_ready_to_publish created_at updated_at trainings actions phone_numbers')"
agent=$(read_value data.id)
check 422 POST /agents '{"label":"Sales"}' "invalid('name', 'language')"
check 200 GET '/agents?status=draft&direction=outbound&search=Sales&per_page=5&page=1' '' "has(b.meta, 'current_page per_page total last_page') && b.data.length > 0"
check 200 GET '/agents?status=published&search=Sales' '' "b.data.every((agent) => agent.current_status === 'published')"
check 200 GET '/agents?search=nobody-is-called-so' '' "$NONE"
check 422 GET '/agents?status=asleep&per_page=101' '' "invalid('status', 'per_page')"
check 200 GET "/agents/$agent" '' "b.data.id === '$agent'"
check 404 GET "/agents/$NOBODY" '' "error('AGENT_NOT_FOUND')"
check 200 PUT "/agents/$agent/knowledge" '{"description":"You sell fences to {{customer_name}}.","initial_message":"Hello {{customer_name}}!","interrupt_sensitivity":"high","ask_if_human_present_on_idle":false,"llm_temperature":0.5,"initial_message_delay":1}' "b.data.current_status === 'draft'"
check 200 PUT "/agents/$agent/voice" '{"voice_id":"alloy","conversation_speed":1.2,"who_speaks_first":"agent"}' "b.data.current_status === 'draft'"
check 422 PUT "/agents/$agent/voice" '{"voice_id":"alloy","conversation_speed":1,"who_speaks_first":"agent"}' "invalid('conversation_speed')"
check 200 PUT "/agents/$agent/calling" '{"direction":"outbound","phone_number_ids":[]}' "b.data.current_status === 'draft'"
check 200 POST "/agents/$agent/trainings" '{"subject":"Prices","instructions":"A metre is twenty dollars."}' "has(b.data, 'id subject instructions current_status')"
training=$(read_value data.id)
check 200 GET "/agents/$agent/trainings" '' "b.data.length === 1"
check 200 DELETE "/agents/$agent/trainings/$training" '' 'b.success'
check 200 POST "/agents/$agent/actions" '{"node_id":"book","name":"Book","description":"Books a visit.","type":"webhook","url":"https://example.com/book","authorization_scheme":"none"}' "has(b.data, 'id node_id name type current_status')"
action=$(read_value data.id)
check 200 GET "/agents/$agent/actions" '' "b.data.length === 1"
check 200 DELETE "/agents/$agent/actions/$action" '' 'b.success'
check 200 GET /action-integrations '' 'Array.isArray(b.data)'
check 400 POST "/agents/$agent/call" '{"to":"+12025550100"}' "b.error.code === 'AGENT_INACTIVE'"
check 200 POST "/agents/$agent/publish" '' "b.data.current_status === 'published'"
check 200 POST "/agents/$agent/unpublish" '' "b.data.current_status === 'draft'"
check 200 POST "/agents/$agent/publish" '' 'b.success'
check 409 DELETE "/agents/$agent" '' "error('AGENT_IS_PUBLISHED')"
check 201 POST /agents "$AGENT" 'b.success'
unused=$(read_value data.id)
check 200 DELETE "/agents/$unused" '' 'b.success'
check 404 GET "/agents/$unused" '' "error('AGENT_NOT_FOUND')"

echo '# Campaigns'
CAMPAIGN='{"name":"Spring sale","description":"Fences for spring","campaign_type":"sales","agent_id":"'$agent'","start_date":"2099-03-02","end_date":"2099-12-31","days_of_week":[1,2,3,4,5],"call_time_ranges":[{"start":"09:00","end":"12:00"},{"start":"13:30","end":"18:00"}],"timezone":"America/New_York","initial_call_delay":0,"max_retries":3,"retry_cooldown_hours":24,"auto_complete":false,"retry_on_no_conversion":false,"enable_post_completion_cooldown":false,"post_completion_cooldown_hours":168,"success_cooldown_hours":24,"voicemail_cooldown_hours":24,"no_answer_cooldown_hours":24,"busy_cooldown_hours":24,"failed_cooldown_hours":24,"do_not_call_enabled":true,"do_not_call_list_source":"custom","do_not_call_custom_list":["+12025550199"],"auto_add_to_dnc_enabled":true,"auto_dnc_trigger_statuses":["completed","voicemail"],"auto_dnc_trigger_errors":["invalid_number","disconnected"]}'
check 201 POST /campaigns "$CAMPAIGN" "b.data.status === 'draft' && has(b.data, 'id name description campaign_type status agent_id start_date end_date days_of_week call_time_ranges timezone max_retries retry_cooldown_hours do_not_call_enabled earliest_call_time latest_call_time created_at updated_at') && echoes(b.data, $CAMPAIGN) && b.data.earliest_call_time === '09:00:00' && b.data.latest_call_time === '18:00:00'"
campaign=$(read_value data.id)
check 422 POST /campaigns '{"name":"Spring sale","campaign_type":"sales","agent_id":"'$agent'","start_date":"2099-03-02","days_of_week":[8],"call_time_ranges":[{"start":"12:00","end":"09:00"}],"timezone":"UTC"}' "invalid('days_of_week.0', 'call_time_ranges.0.end')"
check 200 GET "/campaigns?status=draft&campaign_type=sales&agent_id=$agent&search=Spring&page=1&per_page=10" '' "$PAGINATION && b.data.length === 1 && has(b.data[0].agent, 'id name label') && has(b.data[0].stats, 'total_calls completed_calls failed_calls success_rate')"
check 201 POST /campaigns "${CAMPAIGN/Spring sale/Autumn sale}" 'b.success'
other=$(read_value data.id)
check 200 GET "/campaigns?agent_id=$agent&per_page=1&page=1" '' "b.data[0].id === '$other' && b.pagination.total === 2 && b.pagination.last_page === 2 && b.pagination.from === 1 && b.pagination.to === 1"
check 200 GET "/campaigns?agent_id=$agent&per_page=1&page=2" '' "b.data[0].id === '$campaign' && b.pagination.current_page === 2 && b.pagination.from === 2"
check 200 GET "/campaigns?agent_id=$agent&search=Autumn" '' "$(finds id "$other")"
check 200 GET "/campaigns?agent_id=$agent&status=active" '' "$NONE"
check 200 GET "/campaigns?agent_id=$agent&campaign_type=reminder" '' "$NONE"
check 200 GET "/campaigns?agent_id=$NOBODY" '' "$NONE"
check 200 GET "/campaigns?agent_id=$agent&date_from=2099-01-01" '' "$NONE"
check 200 GET "/campaigns?agent_id=$agent&date_to=2020-01-01" '' "$NONE"
check 200 GET "/campaigns?agent_id=$agent&date_from=2020-01-01&date_to=2099-01-01" '' 'b.data.length === 2'
check 422 GET '/campaigns?status=running&campaign_type=raffle&date_from=soon' '' "error('VALIDATION_ERROR') && invalid('status', 'campaign_type', 'date_from')"
check 200 PATCH "/campaigns/$other/status" '{"status":"cancelled"}' "b.data.status === 'cancelled'"
check 200 DELETE "/campaigns/$other" '' 'b.success'
check 200 GET "/campaigns/$campaign" '' "echoes(b.data, $CAMPAIGN) && Array.isArray(b.data.calls) && Array.isArray(b.data.files) && has(b.data.stats, 'average_duration')"
check 404 GET "/campaigns/$NOBODY" '' "error('CAMPAIGN_NOT_FOUND')"
check 200 PUT "/campaigns/$campaign" '{"name":"Spring sale, second week","end_date":null}' "b.data.end_date === null && b.data.name === 'Spring sale, second week' && b.data.campaign_type === 'sales'"
check 422 PUT "/campaigns/$campaign" '{"call_time_ranges":[{"start":"12:00","end":"09:00"}],"max_retries":11}' "invalid('call_time_ranges.0.end', 'max_retries')"
check 404 PUT "/campaigns/$NOBODY" '{"name":"Nobody"}' "error('CAMPAIGN_NOT_FOUND')"
check 400 POST "/campaigns/$campaign/call" '{"to":"+12025550101"}' "error('CAMPAIGN_NOT_ACTIVE')"
check 400 PATCH "/campaigns/$campaign/status" '{"status":"paused"}' "error('INVALID_TRANSITION')"
check 422 PATCH "/campaigns/$campaign/status" '{"status":"running"}' "invalid('status')"
check 404 PATCH "/campaigns/$NOBODY/status" '{"status":"active"}' "error('CAMPAIGN_NOT_FOUND')"
check 400 PATCH "/campaigns/$campaign/status" '{"status":"draft"}' "error('INVALID_TRANSITION')"
check 200 PATCH "/campaigns/$campaign/status" '{"status":"active"}' "has(b.data, 'id status updated_at') && b.data.status === 'active'"
check 403 DELETE "/campaigns/$campaign" '' "error('FORBIDDEN')"
check 404 DELETE "/campaigns/$NOBODY" '' "error('CAMPAIGN_NOT_FOUND')"

echo '# Make campaign call'
CALL='{"to":"+12025550101","payload":{"customer_name":"Ada"},"context":{"lead":"L-7"},"is_testing":false,"allow_duplicates":false}'
KEY="first-$campaign" check 201 POST "/campaigns/$campaign/call" "$CALL" "!('success' in b) && has(b.campaign_call, 'id campaign_id to status scheduled_at created_at') && b.campaign_call.status === 'scheduled' && has(b.campaign, 'id name status')"
campaign_call=$(read_value campaign_call.id)
KEY="first-$campaign" check 201 POST "/campaigns/$campaign/call" "$CALL" "b.campaign_call.id === '$campaign_call' && h['idempotent-replayed'] === 'true'"
KEY="first-$campaign" check 422 POST "/campaigns/$campaign/call" '{"to":"+12025550102"}' "error('IDEMPOTENCY_KEY_REUSED')"
check 409 POST "/campaigns/$campaign/call" "$CALL" "error('DUPLICATE_CALL') && b.existing_call.id === '$campaign_call' && has(b.existing_call, 'campaign_id to status created_at')"
check 201 POST "/campaigns/$campaign/call" '{"to":"+12025550101","allow_duplicates":true}' "b.campaign_call.id !== '$campaign_call'"
check 201 POST "/campaigns/$campaign/call" '{"to":"+12025550199"}' "b.campaign_call.status === 'blocked'"
check 422 POST "/campaigns/$campaign/call" '{"to":"not a number"}' "error('VALIDATION_ERROR') && invalid('to')"
check 422 POST "/campaigns/$campaign/call" '{"payload":{}}' "invalid('to')"
check 422 POST "/campaigns/$campaign/call" '{"to":"+12025550102","payload":{"__proto__":{"a":1}}}' "Object.keys(b.errors).some((name) => name.startsWith('payload'))"
check 422 POST "/campaigns/$campaign/call" '{"to":"+12025550102","is_testing":"often","delay_seconds":5}' "invalid('is_testing', 'delay_seconds')"
check 404 POST "/campaigns/$NOBODY/call" "$CALL" "error('CAMPAIGN_NOT_FOUND')"
TOKEN=talq_wrong check 401 POST "/campaigns/$campaign/call" "$CALL" "error('INVALID_TOKEN')"
check 409 PUT "/campaigns/$campaign" '{"days_of_week":[1]}' "error('CAMPAIGN_HAS_ACTIVE_CALLS')"

echo '# Make a call'
check 200 POST "/agents/$agent/call" '{"to":"+12025550160","payload":{"customer_name":"Ada"},"context":{"lead":"L-8"},"delay_seconds":0,"is_testing":true}' "b.success && has(b.data, 'id agent_id to status created_at') && b.data.status === 'initiated'"
ringing=$(read_value data.id)
check 200 POST /calls '{"agent_id":"'$agent'","to":"+12025550103","delay_seconds":3600}' "b.data.agent_id === '$agent'"
delayed=$(read_value data.id)
check 400 POST "/agents/$agent/call" '{"to":"12025550100"}' "b.error.code === 'INVALID_PHONE_NUMBER' && b.error.details.field === 'to'"
check 400 POST "/agents/$agent/call" '{}' "b.error.code === 'MISSING_PHONE_NUMBER'"
check 404 POST "/agents/$NOBODY/call" '{"to":"+12025550100"}' "b.error.code === 'AGENT_NOT_FOUND' && b.error.details.agent_id === '$NOBODY'"
TOKEN=talq_wrong check 401 POST "/agents/$agent/call" '{"to":"+12025550100"}' "b.error.code === 'INVALID_TOKEN'"

echo '# Calls'
for _ in $(seq 40); do
  ask GET "/agents/$agent/active-call/%2B12025550160"
  [ "$(read_value data?.[0].status)" = ringing ] && break
  sleep 0.25
done
check 200 GET "/agents/$agent/active-call/%2B12025550160" '' "Array.isArray(b.data) && has(b.data[0], 'id agent_id to status started_at duration_seconds') && b.data[0].id === '$ringing'"
check 404 GET "/agents/$agent/active-call/%2B12025550111" '' "error('CALL_NOT_FOUND')"
check 200 GET "/calls?direction=outbound&agent_id=$agent&date_from=2026-01-01&date_to=2099-01-01&search=%2B12025550160&page=1&per_page=10" '' "$PAGINATION && b.data.length === 1 && has(b.data[0], 'id sid to to_formatted from from_formatted is_testing direction status duration agent created_at updated_at') && has(b.data[0].agent, 'id name label')"
check 200 GET "/calls?agent_id=$agent&status=ringing" '' "$(finds status ringing)"
check 200 GET "/calls?agent_id=$agent&status=no-answer" '' "$NONE"
check 200 GET "/calls?agent_id=$agent&direction=inbound" '' "$NONE"
check 200 GET "/calls?agent_id=$NOBODY" '' "$NONE"
check 200 GET "/calls?agent_id=$agent&date_from=2099-01-01" '' "$NONE"
check 200 GET "/calls?agent_id=$agent&date_to=2020-01-01" '' "$NONE"
check 200 GET "/calls?agent_id=$agent&search=%2B12025550103" '' "$(finds to +12025550103)"
check 200 GET "/calls?search=$ringing" '' "$(finds sid "$ringing")"
check 200 GET "/calls?agent_id=$agent&per_page=1&page=2" '' "b.data.length === 1 && b.pagination.current_page === 2 && b.pagination.from === 2 && b.pagination.per_page === 1"
check 422 GET '/calls?status=levitating&direction=up&date_from=soon' '' "invalid('status', 'direction', 'date_from')"
check 200 GET "/agents/$agent/calls?per_page=50" '' "$PAGINATION && b.data.every((call) => !('agent' in call))"
check 200 GET "/agents/$agent/calls?status=ringing" '' "$(finds id "$ringing")"
check 200 GET "/agents/$agent/calls?direction=inbound" '' "$NONE"
check 200 GET "/agents/$agent/calls?date_from=2099-01-01" '' "$NONE"
check 200 GET "/agents/$agent/calls?date_to=2020-01-01" '' "$NONE"
check 200 GET "/agents/$agent/calls?search=%2B12025550103" '' "$(finds id "$delayed")"
check 422 GET "/agents/$agent/calls?status=levitating" '' "invalid('status')"
check 404 GET "/agents/$NOBODY/calls" '' "error('AGENT_NOT_FOUND')"
check 200 POST "/agents/$agent/end-call" '{"call_sid":"'$ringing'"}' "b.data.status === 'completed' && b.data.ended_reason === 'ended_by_api' && has(b.data, 'id ended_at')"
check 409 POST "/agents/$agent/end-call" '{"call_sid":"'$delayed'"}' "error('CALL_NOT_ACTIVE')"
check 404 POST "/agents/$agent/end-call" '{"call_sid":"'$NOBODY'"}' "error('CALL_NOT_FOUND')"
check 422 POST "/agents/$agent/end-call" '{}' "invalid('call_sid')"
check 200 GET "/calls/$campaign_call" '' "b.data.context.lead === 'L-7'"
check 200 GET "/calls/$campaign_call/why" '' 'b.success'
check 200 POST "/calls/$delayed/cancel" '' "b.data.status === 'cancelled'"

# webhooks PATH CREATED LISTED: the routes that agents and campaigns share, with what they do not share
webhooks() {
  local path=$1 event=$2 listed=$3 tested=$4
  check 201 POST "$path" '{"name":"CRM","webhook_url":"https://crm.invalid/hook","events":["'"$event"'"],"webhook_secret":"a-secret-of-ours","timeout":30,"max_retries":3,"enabled":true,"http_method":"POST","authorization_scheme":"bearer","authorization_credential":"t","custom_headers":[{"key":"X-Tenant","value":"7"}]}' "b.success && has(b.data, 'id name webhook_url events timeout max_retries enabled created_at') && !('webhook_secret' in b.data)"
  local webhook
  webhook=$(read_value data.id)
  check 422 POST "$path" '{"name":"CRM","webhook_url":"crm","events":[]}' "'webhook_url' in b.errors && 'events' in b.errors"
  TOKEN=talq_wrong check 401 GET "$path" '' "typeof b.message === 'string'"
  check 422 PUT "$path/$webhook" '{"timeout":4,"max_retries":11}' "'timeout' in b.errors && 'max_retries' in b.errors"
  check 200 GET "$path" '' "$listed"
  check 200 GET "$path/$webhook" '' "b.data.id === '$webhook'"
  check 200 PUT "$path/$webhook" '{"name":"CRM, renamed","timeout":20}' "b.data.name === 'CRM, renamed' && has(b.data, 'updated_at')"
  check 200 PATCH "$path/$webhook/toggle" '' 'b.data.enabled === false && /disabled/.test(b.message)'
  check 200 PATCH "$path/$webhook/toggle" '' 'b.data.enabled === true && /enabled/.test(b.message)'
  check 200 POST "$path/$webhook/test" '' "$tested"
  check 200 GET "$path/$webhook/logs?per_page=10" '' "has(b.pagination, 'current_page per_page total') && has(b.data[0], 'id webhook_id event attempt status http_status request_payload response_body response_headers duration_ms created_at')"
  check 422 POST "$path/$webhook/logs/$(read_value data[0].id)/retry" '' "error('LOG_NOT_RETRIABLE')"
  check 404 POST "$path/$webhook/logs/$NOBODY/retry" '' 'b.success === false'
  check 200 DELETE "$path/$webhook" '' 'b.success'
  check 404 GET "$path/$webhook" '' 'b.success === false'
}

echo '# Agent webhooks'
webhooks "/agents/$agent/webhooks" event_phone_call_ended \
  "Array.isArray(b.data.webhooks) && 'event_phone_call_ended' in b.data.available_events && has(b.data.webhooks[0], 'agent_id events_count status')" \
  "b.success === false && has(b.data, 'status_code response_time')"
echo '# Campaign webhooks'
webhooks "/campaigns/$campaign/webhooks" campaign_call.completed \
  "b.data.available_events.includes('campaign_call.completed') && b.data.webhooks[0].include_call_events === false" \
  "b.success === false && typeof b.message === 'string'"

echo '# Phone numbers and credits'
check 200 GET '/phone-numbers?type=voice&has_voice=true' '' "b.data.every((number) => has(number, 'id number country_code formatted_number international_number type has_voice has_sms has_mms has_fax has_whatsapp current_status is_sandbox current_price currency renewal_date auto_renewal created_at updated_at monthly_renewal_cost days_until_monthly_renewal is_due_for_monthly_renewal'))"
number=$(read_value 'data[0]?.id')
if [ "$number" != undefined ]; then
  check 422 POST "/phone-numbers/$number/request-release" '{"reason":"Unneeded"}' "invalid('reason')"
  check 201 POST "/phone-numbers/$number/request-release" '{"reason":"It is not needed any more."}' "b.data.status === 'pending'"
  release=$(read_value data.id)
  check 409 POST "/phone-numbers/$number/request-release" '{"reason":"It is not needed any more."}' "error('RELEASE_ALREADY_PENDING')"
  check 200 GET /phone-numbers/release-requests '' "b.data.some(({ id }) => id === '$release')"
  check 200 DELETE "/phone-numbers/release-requests/$release" '' 'b.success'
  check 409 DELETE "/phone-numbers/release-requests/$release" '' "error('RELEASE_ALREADY_RESOLVED')"
else
  echo 'left out: the environment has no phone number to ask the release of'
fi
check 200 GET /credits/balance '' "has(b.data, 'balance currency auto_topup_enabled as_of')"

echo '# The end of it'
check 200 POST "/agents/$agent/unpublish" '' 'b.success'
check 403 POST "/campaigns/$campaign/call" '{"to":"+12025550104"}' "error('FORBIDDEN')"
check 200 PATCH "/campaigns/$campaign/status" '{"status":"paused"}' "b.data.status === 'paused' && has(b.data, 'in_flight stopped')"
check 200 PATCH "/campaigns/$campaign/status" '{"status":"cancelled"}' "b.data.status === 'cancelled'"
check 400 PATCH "/campaigns/$campaign/status" '{"status":"active"}' "error('INVALID_TRANSITION')"
check 200 DELETE "/campaigns/$campaign" '' 'b.success && typeof b.message === "string"'
check 404 GET "/campaigns/$campaign" '' "error('CAMPAIGN_NOT_FOUND')"

if [ "$failures" -gt 0 ]; then
  echo "$failures answers are not as documented."
  exit 1
fi
echo 'Every answer is as documented.'
