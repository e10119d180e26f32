#include "delivery/plan.h"
#include "json/number.h"
#include "json/utf8.h"

#include <string.h>

const char *lambdest_delivery_body(const lambdest_delivery *d, size_t *len)
{
    if (len)
        *len = d && d->body ? d->body_len : 0;
    return d ? (const char *)d->body : NULL;
}

const lambdest_envelope *lambdest_delivery_envelope(const lambdest_delivery *d)
{
    return d ? d->plan->env : NULL;
}

void *lambdest_delivery_user_data(const lambdest_delivery *d)
{
    return d ? d->route->sink.user_data : NULL;
}

/* An EventBridge entry is plain JSON whatever its detail is. */
static lambdest_slice content_type_of(const lambdest_delivery *d)
{
    static const char json[] = "application/json", event[] = "application/cloudevents+json";
    const lambdest_sink *sink = &d->route->sink;
    lambdest_slice type = {json, sizeof json - 1};

    if (sink->form == LAMBDEST_CLOUDEVENT && sink->target != LAMBDEST_TARGET_EVENTBRIDGE) {
        type.data = event;
        type.len = sizeof event - 1;
    }
    return type;
}

static lambdest_slice row_text(const lambdest_delivery *d, int member)
{
    lambdest_slice text = {NULL, 0};

    switch (member) {
    case LAMBDEST_DELIVERY_SINK:
        text.data = d->route->name;
        text.len = d->route->name_len;
        break;
    case LAMBDEST_DELIVERY_DETAIL:
        text.data = d->has_detail ? d->detail : NULL;
        text.len = d->detail_len;
        break;
    case LAMBDEST_DELIVERY_CONTENT_TYPE:
        if (d->body)
            text = content_type_of(d);
        break;
    case LAMBDEST_DELIVERY_ARN:
        text.data = d->route->sink.arn;
        text.len = d->route->sink.arn_len;
        break;
    default:
        break;
    }
    return text;
}

const char *lambdest_delivery_text(const lambdest_delivery *d, int member, size_t *len)
{
    lambdest_slice text = {NULL, 0};

    if (d)
        text = row_text(d, member);
    if (len)
        *len = text.data ? text.len : 0;
    return text.data;
}

static bool row_integer(const lambdest_delivery *d, int member, int64_t *out)
{
    bool envelope = d->plan->kind == LAMBDEST__DELIVER;

    switch (member) {
    case LAMBDEST_DELIVERY_FORM:
        *out = envelope ? (int64_t)d->route->sink.form : 0;
        return envelope;
    case LAMBDEST_DELIVERY_ATTEMPTS:
        *out = d->attempts;
        return true;
    case LAMBDEST_DELIVERY_VERDICT:
        *out = d->verdict;
        return true;
    case LAMBDEST_DELIVERY_DROPPED:
        *out = (int64_t)d->dropped;
        return envelope;
    case LAMBDEST_DELIVERY_DEADLINE_MS:
        *out = d->plan->deadline_ms;
        return d->plan->has_deadline;
    case LAMBDEST_DELIVERY_TARGET:
        *out = (int64_t)d->route->sink.target;
        return true;
    case LAMBDEST_DELIVERY_OUTCOME:
        *out = d->plan->outcome;
        return envelope;
    case LAMBDEST_DELIVERY_HANDED_ON:
        *out = d->handed_on;
        return true;
    default:
        return false;
    }
}

int lambdest_delivery_integer(const lambdest_delivery *d, int member, int64_t *out)
{
    if (!out)
        return LAMBDEST_E_INVAL;
    *out = 0;
    return d && row_integer(d, member, out) ? LAMBDEST_OK : LAMBDEST_E_ABSENT;
}

/* ---- reporting ---- */

static void set_detail(lambdest_delivery *d, const char *detail, size_t len)
{
    size_t cut = lambdest__utf8_cut((const unsigned char *)detail, len, LAMBDEST__DETAIL_MAX);

    d->has_detail = detail != NULL;
    if (cut)
        memcpy(d->detail, detail, cut);
    d->detail[cut] = '\0';
    d->detail_len = (unsigned char)cut;
}

static int total_of(int verdict)
{
    return verdict == LAMBDEST_VERDICT_DELIVERED ? LAMBDEST_TOTAL_DELIVERED : LAMBDEST_TOTAL_REJECTED;
}

int lambdest_delivery_report(lambdest_delivery *d, int verdict, const char *detail, size_t detail_len)
{
    size_t offset;

    if (!d || (!detail && detail_len))
        return LAMBDEST_E_INVAL;
    if (verdict < LAMBDEST_VERDICT_DELIVERED || verdict > LAMBDEST_VERDICT_REJECTED)
        return LAMBDEST_E_INVAL;
    if (d->verdict != LAMBDEST_VERDICT_NONE && d->verdict != LAMBDEST_VERDICT_RETRY)
        return LAMBDEST_E_INVAL;
    if (d->called && d->reported)
        return LAMBDEST_E_INVAL;
    if (!lambdest__utf8_check((const unsigned char *)detail, detail_len, &offset))
        return LAMBDEST_E_UTF8;
    d->verdict = verdict;
    d->reported = true;
    d->attempts++;
    set_detail(d, detail, detail_len);
    if (verdict != LAMBDEST_VERDICT_RETRY && d->plan->kind == LAMBDEST__DELIVER)
        lambdest__router_count(d->plan->router, total_of(verdict), 1);
    return LAMBDEST_OK;
}

void lambdest__delivery_refuse(lambdest_delivery *d, int verdict, const char *detail, const size_t *number)
{
    d->verdict = verdict;
    set_detail(d, detail, strlen(detail));
    if (number) {
        size_t more = lambdest__number_put((int64_t)*number, (unsigned char *)d->detail + d->detail_len);

        d->detail_len = (unsigned char)(d->detail_len + more);
        d->detail[d->detail_len] = '\0';
    }
}
