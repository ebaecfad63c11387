#include "mail/dkim.h"

const char *dkim_result_name(enum dkim_result result)
{
    static const char *const names[] = {
        [DKIM_PASS] = "pass",           [DKIM_FAIL] = "fail",           [DKIM_NEUTRAL] = "neutral",
        [DKIM_PERMERROR] = "permerror", [DKIM_TEMPERROR] = "temperror",
    };
    return names[result];
}

const char *dkim_reason_text(enum dkim_reason reason)
{
    static const char *const texts[] = {
        [DKIM_VERIFIED] = "the signature verifies",
        [DKIM_HEADER_CUT] = "the header of the message is larger than this check holds",
        [DKIM_FIELD] = "the signature field is faulty",
        [DKIM_SHA1_REFUSED] = "rsa-sha1 must not be used",
        [DKIM_EXPIRED] = "the signature has expired",
        [DKIM_NO_KEY] = "there is no key record",
        [DKIM_KEY_UNREACHABLE] = "the key record could not be asked for",
        [DKIM_KEY_UNUSABLE] = "the key record is unusable",
        [DKIM_KEY_HASH] = "h= of the key does not allow the hash of the signature",
        [DKIM_KEY_WITHDRAWN] = "the key is revoked",
        [DKIM_KEY_WRONG_TYPE] = "the key is not for the algorithm of the signature",
        [DKIM_KEY_SERVICE] = "s= of the key does not allow it for mail",
        [DKIM_KEY_SUBDOMAIN] = "t=s of the key forbids a subdomain in i=",
        [DKIM_KEY_SHORT] = "the RSA key has less than 1024 bits",
        [DKIM_BODY_SHORT] = "the body is shorter than l= says",
        [DKIM_BODY_CHANGED] = "the body hash is wrong: the body was changed after signing",
        [DKIM_HEADER_CHANGED] =
            "the body hash is right, but a signed header field was changed after signing",
        [DKIM_SIGNATURE_WRONG] = "the signature was not made with the published key, or is damaged",
    };
    return texts[reason];
}

const char *dkim_verdict_text(struct arena *arena, const struct dkim_verdict *verdict)
{
    const struct dkim_signature *signature = verdict->signature;
    const char *text = dkim_reason_text(verdict->reason);
    switch (verdict->reason) {
    case DKIM_FIELD:
        if (signature->fault == DKIM_SIGNATURE_MISSING)
            return arena_format(arena, "the required tag %s= is missing", signature->missing);
        if (signature->fault == DKIM_SIGNATURE_TAG_LIST)
            return arena_format(arena, "%s: %s at octet %zu of the field",
                                dkim_signature_fault_text(signature->fault),
                                tag_list_error_text(signature->tags.error),
                                signature->tags.error_offset);
        return dkim_signature_fault_text(signature->fault);
    case DKIM_KEY_UNUSABLE:
        return arena_format(arena, "%s: %s", text,
                            verdict->key->fault == DKIM_KEY_FINE
                                ? "OpenSSL refuses it"
                                : dkim_key_fault_text(verdict->key->fault));
    case DKIM_NO_KEY:
    case DKIM_KEY_UNREACHABLE:
        return arena_format(arena, "%s (%s: %s)", text, verdict->answer->name,
                            dns_status_name(verdict->answer->status));
    case DKIM_KEY_SHORT:
        return arena_format(arena, "the RSA key has %u bits, 1024 are the least",
                            verdict->key->bits);
    default:
        return text;
    }
}
